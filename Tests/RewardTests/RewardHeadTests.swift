import Foundation
import Reward
import Tensors
import Testing
import TestModels
import TestSupport
import Training

@Suite struct RewardHeadTests {
    @Test(arguments: [34, 256])
    func `the logits of an embedding do not depend on the batch`(width: Int) throws {
        let rows = examples(count: 1000, width: width, distance: 0.2).map(\.embedding)
        var settings = TrainingSettings()
        settings.steps = 10
        settings.warmUpSteps = 0
        let head = try trained(
            settings, on: examples(count: 40, width: width, distance: 0.2)
        ).ensemble.members[0]
        let together = head.logits(matrix(rows)).elements
        for count in [1, 3, 64, 999] {
            // Every row is at another position of its block than before.
            let subset = head.logits(matrix(Array(rows.suffix(count)))).elements
            #expect(subset == Array(together.suffix(2 * count)))
        }
        for start in 0..<40 {
            let single = head.logits(matrix([rows[start]])).elements
            #expect(single == Array(together[2 * start..<2 * start + 2]))
        }
    }

    @Test func `initial weights have the range of PyTorch's initialization`() throws {
        let parameters = RewardHead(width: 64, seed: 3).parameters
        for (name, inputs) in [("fc1", 64.0), ("fc2", 96.0), ("out", 64.0)] {
            let weight = try #require(parameters["\(name).weight"])
            let largest = Double(weight.elements.map(\.magnitude).max() ?? 0)
            #expect(largest <= 1 / inputs.squareRoot())
            #expect(largest > 0.9 / inputs.squareRoot())
        }
    }

    @Test func `an empty batch gives empty logits`() {
        let head = RewardHead(width: 4, seed: 0)
        #expect(head.logits(Tensor(shape: [0, 4], elements: [])).shape == [0, 2])
    }

    @Test(arguments: [
        ("fc2.bias", "is missing"),
        ("fc2.weight", "has shape [6, 6], not [4, 6]"),
        ("bn1.running_var", "holds a negative variance"),
        ("out.bias", "holds infinities or NaNs"),
        ("fc3.bias", "is not part of the head"),
        ("fc1.weight", "has shape [6, 5], not [1.5 D, D] with an even D"),
    ])
    func `a file that is not a head is refused by tensor name`(
        tensor: String, problem: String
    ) throws {
        var parameters = RewardHead(width: 4, seed: 0).parameters
        switch tensor {
        case "fc2.bias": parameters[tensor] = nil
        case "fc2.weight": parameters[tensor] = Tensor(repeating: 0, shape: [6, 6])
        case "bn1.running_var": parameters[tensor]?.elements[2] = -1
        case "out.bias": parameters[tensor]?.elements[1] = .nan
        case "fc1.weight": parameters[tensor] = Tensor(repeating: 0, shape: [6, 5])
        default: parameters[tensor] = Tensor(repeating: 0, shape: [4])
        }
        let folder = try TemporaryFolder()
        let path = folder.path("head.safetensors")
        try Safetensors.write(parameters, to: path)
        #expect(throws: RewardError.badTensor(source: path, tensor: tensor, problem: problem)) {
            try RewardHead.load(path)
        }
    }
}
