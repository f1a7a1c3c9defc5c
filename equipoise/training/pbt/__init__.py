"""Persuasion-balanced training: dialogue trees, recursive credit, resist and accept pairs, SFT and DPO.

Source: Stengel-Eskin, Hase, Bansal, Teaching Models to Balance Resisting and Accepting Persuasion (arXiv 2410.14596,
NAACL 2025). Where the released code departs from the paper, this follows the paper.
"""
