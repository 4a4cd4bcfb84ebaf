import GANRM

// Ranks the candidates of each prompt, and writes preference pairs for VideoDPO:
// rank CANDIDATES PROMPTS.txt DATASET
let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("usage: rank CANDIDATES PROMPTS.txt DATASET") }
let (folder, promptFile, dataset) = (arguments[1], arguments[2], arguments[3])

let scoring = try InputScoring(ModelLoader().scorer(model: "default"))
let grouping = CandidateGrouping(prompts: try PromptList(path: promptFile))
let candidates = try grouping.candidates(in: [folder])
let scores = try scoring.table(of: candidates.inputs)
let ranking = CandidateRanking(candidates, scores: scores)
for row in ranking.rows { print(row) }
for failure in ranking.failures { print(failure) }

let pairs = PairList(of: ranking.groups).pairs
let report = try PairDataset(.videodpo).write(pairs, to: dataset)
print(report.sampleCount, "pairs in", report.folder)
