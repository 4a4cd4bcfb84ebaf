import GANRM

// Scores videos and images, given as arguments, with the default reward model.
let scorer = try ModelLoader().scorer(model: "default")
let pipeline = EncodingPipeline(
    encoders: scorer.encoders, samplingPlan: SamplingPlan(file: scorer.model.sampling))
let inputs = try RequestSource(inputs: Array(CommandLine.arguments.dropFirst()))
try scorer.run(pipeline, next: inputs.next) { result in
    switch result.outcome {
    case .failed(let error): print(result.request.input, "failed:", error)
    default: print(result.request.input, result.score.map { "\($0.value)" } ?? "no clip")
    }
}
