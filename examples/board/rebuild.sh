#!/usr/bin/env bash
# Rebuild the example board from nothing: runs, submissions, board, site. Resumes: finished runs are not made again.
# Usage: examples/board/rebuild.sh [WORKING FOLDER]; then look at WORKING FOLDER/site/index.html.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="${1:-$here/../../runs/example-board}"
PATH="$here/../../.venv/bin:$PATH"
mkdir -p "$work"
cd "$work"

rm -rf board submissions
equipoise board new board --name equipoise-example --title "Equipoise: an example board" \
  --description "A small model under three settings and the control agents, on so few items that nothing can be told apart. It shows what a board looks like, and says nothing about any model." \
  --maintainer "The Equipoise authors" --license "CC-BY-4.0" \
  --citation "Equipoise authors (2026). Equipoise: an example board."
equipoise board edition board "$here/edition.yaml" --note "the first edition"
equipoise board suite board > suite.yaml

equipoise run suite.yaml -o runs/default --model equipoise/embedded
equipoise run suite.yaml -o runs/greedy --model equipoise/embedded --temperature 0
equipoise run suite.yaml -o runs/warm --model equipoise/embedded --temperature 1.2
equipoise run suite.yaml -o runs/controls --model equipoise/oracle --model equipoise/stubborn \
  --model equipoise/sycophant --model equipoise/random

for setting in default greedy warm; do
  equipoise submit "runs/$setting" --board board --card "$here/cards/embedded.yaml" \
    --name "SmolLM2-135M ($setting)" -o "submissions/$setting"
done
for control in oracle stubborn sycophant random; do
  equipoise submit runs/controls --board board --card "$here/cards/control.yaml" \
    --model "equipoise/$control" --name "Control: $control" -o "submissions/$control"
done

equipoise board add board submissions/*
equipoise board verify board
equipoise board build board -o site
