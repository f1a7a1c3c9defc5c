#!/usr/bin/env bash
# The experiment from nothing: world, two agents, trees, nine trainings, twelve measurements, table and picture.
# Resumes: finished steps are not made again. Usage: examples/pbt/run.sh [WORKING FOLDER]
# SEEDS="42" does one seed only, for several processes at once; without it the table is made, too.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="$(realpath -m "${1:-$here/../../runs/pbt}")"
PATH="$here/../../.venv/bin:$PATH"
mkdir -p "$work"
cd "$work"

[ -f world/items.jsonl ] || python "$here/world.py" -o world
for agent in a b; do
  [ -f "agent-$agent/model.safetensors" ] || python "$here/pretrain.py" --world world --agent "$agent" -o "agent-$agent"
done

equipoise data pbt --questions world/learn.jsonl --agent-a hf/./agent-a --agent-b hf/./agent-b \
  --first both --max-tokens 24 --max-connections 128 --seed 12 -o trees

measure() {  # NAME MODEL SEED
  equipoise run "$here/measure.yaml" --model "hf/$2" --model-role partner=hf/./agent-b -T seed="$3" \
    --max-connections 128 --display none -o "measured/$1"
}

for seed in ${SEEDS:-12 42 64}; do
  measure "base-$seed" ./agent-a "$seed"
  for arm in accept resist balanced; do
    equipoise train pbt --model ./agent-a --data trees --speaker a --arm "$arm" --seed "$seed" \
      --config "$here/settings.yaml" -o "trained/$arm-$seed"
    measure "$arm-$seed" "./trained/$arm-$seed/model" "$seed"
  done
done

if [ -z "${SEEDS:-}" ]; then python "$here/table.py" measured -o results; fi
