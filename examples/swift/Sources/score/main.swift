import GANRM

// Scores videos and images with the default reward model: score INPUT...
let inputs = Array(CommandLine.arguments.dropFirst())

let scoring = try InputScoring(ModelLoader().scorer(model: "default"))
try scoring.run(RequestSource(inputs: inputs)) { event in
    guard case .ended(let request, let row) = event else { return }
    if let score = row.score {
        print(request.input, score)
    } else {
        print(request.input, "failed:", row.failure ?? "")
    }
}
