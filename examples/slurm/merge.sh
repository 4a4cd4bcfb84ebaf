#!/bin/sh
#SBATCH --job-name=ganrm-merge
# All parts in the order of the list: merge.sh FOLDER SHARDS; see submit.
set -eu
folder=$1 shards=$2
set -- "$folder"/part-*.jsonl
[ $# = "$shards" ] || { echo "there are $# parts of $shards" >&2; exit 1; }
rm -f "$folder/scores.jsonl"
"${GANRM:-ganrm}" merge "$@" -o "$folder/scores.jsonl"
