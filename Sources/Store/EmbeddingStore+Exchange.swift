import Encoders
import Files
internal import Foundation
internal import Frames
internal import GRDB
internal import Media
internal import Tensors
internal import TextFormats

/// Export to a safetensors file and import from one, to copy a store to another machine.
///
/// Each recipe has a tensor `embeddings.<n>`, `[clips, D]`, F32. The metadata key `store` holds a
/// JSON array with one object per recipe: `recipe`, and `inputs` in the order of the rows, each
/// with `content` (SHA-256, hexadecimal), the input's metadata, and `clips` (`start`, `end`,
/// `indices`, `degenerate`).
extension EmbeddingStore {
    private static let key = "store"

    /// Exports the whole store.
    ///
    /// - Returns: Numbers of exported inputs and of damaged rows, which are left out; `lastProblem`
    ///   names the first.
    public func export(to file: String) throws -> (exported: Int, damaged: Int) {
        var tensors: [String: Tensor] = [:]
        var documents: [JSONValue] = []
        var count = 0
        var damaged = 0
        let recipes = try must { db in
            try Row.fetchAll(db, sql: "SELECT id, digest, description FROM recipe ORDER BY id")
        }
        for row in recipes {
            guard let id = row.id else { continue }
            let recipe: EmbeddingRecipe
            do throws(StoredColumns.Damage) {
                recipe = try Self.recipe(row)
            } catch {
                report("\(error); its inputs are left out")
                damaged += try must { db in
                    try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM input WHERE recipe = ?", arguments: [id])
                        ?? 0
                }
                continue
            }
            let width = recipe.encoder.embeddingWidth
            var values: [Float] = []
            var inputs: [JSONValue] = []
            var clipCount = 0
            let stored = try must { db in
                try Row.fetchAll(
                    db, sql: "SELECT * FROM input WHERE recipe = ? ORDER BY content",
                    arguments: [id])
            }
            for row in stored {
                let columns = StoredColumns(row, table: "input")
                do throws(StoredColumns.Damage) {
                    let input = try InputRow.input(row, width: width)
                    let content = try columns.blob("content", count: InputRow.digestSize)
                    inputs.append(Self.document(of: input, content: content))
                    for clip in input.clips { values += clip.embedding }
                    clipCount += input.clips.count
                } catch {
                    report("\(error); it is left out")
                    damaged += 1
                }
            }
            guard clipCount > 0 else { continue }
            let name = "embeddings.\(documents.count)"
            tensors[name] = Tensor(shape: [clipCount, width], elements: values)
            documents.append(
                ["recipe": try JSONValue(parsing: recipe.json), "inputs": .array(inputs)])
            count += inputs.count
        }
        try Safetensors.write(
            tensors, metadata: [Self.key: JSONValue.array(documents).description], to: file)
        return (count, damaged)
    }

    /// The recipe of a row of the table `recipe`, whose digest must be that of its description.
    private static func recipe(_ row: Row) throws(StoredColumns.Damage) -> EmbeddingRecipe {
        let columns = StoredColumns(row, table: "recipe")
        guard let recipe = EmbeddingRecipe(json: try columns.text("description")),
            recipe.digest == (try columns.blob("digest", count: InputRow.digestSize))
        else { throw columns.damage("description", "no recipe of its digest") }
        return recipe
    }

    /// Imports the export of another store; existing entries are kept.
    ///
    /// All of the file is checked first: a value that is missing, of another type or not finite
    /// refuses the file, and nothing is imported.
    ///
    /// - Returns: Number of new inputs.
    public func importInputs(from file: String) throws -> Int {
        let weights = try WeightFile.open(file)
        func refused(_ reason: String) -> StoreError { .notAnExport(path: file, reason: reason) }
        guard let text = weights.metadata[Self.key] else {
            throw refused("it has no list of inputs")
        }
        let documents: [JSONValue]
        do throws(JSONValue.ParseError) {
            documents = try JSONValue(parsing: text).arrayValue ?? []
        } catch {
            throw refused("its list of inputs is no JSON: \(error)")
        }
        var parts: [(recipe: EmbeddingRecipe, inputs: [(content: Data, input: EncodedInput)])] = []
        for (index, document) in documents.enumerated() {
            guard let recipe = document["recipe"].flatMap({ EmbeddingRecipe(json: "\($0)") }),
                let inputs = document["inputs"]?.arrayValue,
                let tensor = weights.tensors["embeddings.\(index)"], tensor.dtype == .f32,
                tensor.shape.count == 2, tensor.shape[1] == recipe.encoder.embeddingWidth,
                tensor.shape[1] > 0
            else { throw refused("part \(index) lacks its recipe, inputs or embeddings") }
            let width = tensor.shape[1]
            let values = tensor.floats()
            if let bad = values.firstIndex(where: { !$0.isFinite }) {
                throw refused("embeddings.\(index), row \(bad / width): infinities or NaNs")
            }
            var next = 0
            var parsed: [(content: Data, input: EncodedInput)] = []
            for (number, input) in inputs.enumerated() {
                let entry: ExportedInput
                do throws(ExportedInput.ParseError) { entry = try ExportedInput(input) } catch {
                    throw refused("part \(index), input \(number), \(error.reason)")
                }
                guard entry.clips.count <= (values.count - next) / width else {
                    throw refused("part \(index), input \(number): more clips than embeddings")
                }
                let clips = entry.clips.map { clip in
                    defer { next += width }
                    return EncodedClip(
                        indices: clip.indices, startSeconds: clip.startSeconds,
                        endSeconds: clip.endSeconds,
                        embedding: Array(values[next..<next + width]),
                        degeneracy: clip.degeneracy)
                }
                parsed.append((entry.content, EncodedInput(summary: entry.summary, clips: clips)))
            }
            guard next == values.count else {
                throw refused("part \(index): \((values.count - next) / width) rows are left over")
            }
            parts.append((recipe, parsed))
        }
        var added = 0
        for (recipe, inputs) in parts {
            added += try must(writing: true) { db in
                let id = try Self.id(of: recipe, db)
                var added = 0
                for (content, input) in inputs {
                    let known = try Bool.fetchOne(
                        db,
                        sql: "SELECT EXISTS(SELECT 1 FROM input WHERE content = ? AND recipe = ?)",
                        arguments: [content, id])
                    if known == true { continue }
                    try InputRow.insert(input, content: content, recipe: id, db)
                    added += 1
                }
                return added
            }
        }
        return added
    }

    private static func document(of input: EncodedInput, content: Data) -> JSONValue {
        let info = input.summary.info
        let clips = input.clips.map { clip in
            JSONValue.object([
                .init("start", JSONValue(clip.startSeconds)),
                .init("end", JSONValue(clip.endSeconds)),
                .init("indices", .array(clip.indices.map { .integer($0) })),
                .init("degenerate", JSONValue(clip.degeneracy?.rawValue)),
            ])
        }
        return [
            "content": .string(content.hexadecimal),
            "kind": .string(info.kind.rawValue), "width": .integer(info.width),
            "height": .integer(info.height), "frame_rate": JSONValue(info.frameRate),
            "promised_seconds": JSONValue(info.durationSeconds),
            "format": .string(info.formatName), "codec": .string(info.codecName),
            "frames": .integer(input.summary.frameCount),
            "seconds": JSONValue(input.summary.durationSeconds),
            "truncation": JSONValue(input.summary.truncation),
            "clips": .array(clips),
        ]
    }
}
