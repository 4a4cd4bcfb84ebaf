import GANRM

// Trains a head: train GOOD RAW HEAD.safetensors
let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("usage: train GOOD RAW HEAD.safetensors") }
let (good, raw, head) = (arguments[1], arguments[2], arguments[3])

let loader = ModelLoader()
let samples = try TrainingSides(proxy: [good], generated: [raw])
    .samples(by: InputEmbedding(loader.encoders()))
for warning in samples.warnings { print("warning:", warning) }
let failures = try FailureEmbedding.embeddings(for: samples, by: loader)
let trained = try RewardModelTraining(samples, failures: failures).run()
print(trained.check.summary)
try trained.model.write(to: head)
