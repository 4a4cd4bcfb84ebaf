#!/bin/sh
#SBATCH --job-name=ganrm-score
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
# One shard: score.sh LIST FOLDER SHARDS [OPTION-OF-GANRM-SCORE...]; see submit.
set -u
list=$1 folder=$2 shards=$3
shift 3
# Not SLURM_ARRAY_TASK_COUNT, which is smaller when some tasks are submitted again.
code=0
"${GANRM:-ganrm}" score --list "$list" --shard "$SLURM_ARRAY_TASK_ID/$shards" --threads "$SLURM_CPUS_PER_TASK" \
    --no-store --offline --quiet --resume -o "$folder/part-$(printf %05d "$SLURM_ARRAY_TASK_ID").jsonl" "$@" || code=$?

case $code in
    0 | 1) exit 0 ;; # 1: some inputs failed, and their rows say why.
esac
# Killed, for example for want of memory. Slurm itself queues again only what a node took with it.
if [ "$code" -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 5 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit "$code"
