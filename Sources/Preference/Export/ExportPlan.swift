import Foundation
import Frames

/// Samples that a trainer can use, with a place for each of their files.
struct ExportPlan {
    /// A pair, winner first, or one kept candidate.
    struct Request {
        let group: CandidateGroup
        let members: [RankedGroup.Ranked]
        /// Of a pair, in logits.
        let margin: Double?
    }

    struct Clip {
        let ranked: RankedGroup.Ranked
        let file: CandidateFile
        let facts: ClipFacts
        /// Without extension, unique in the data set.
        let name: String
        /// With the extension that the file has or, if it is to be written, will have.
        let fileName: String
        /// How lists inside the data set name it: relative to its folder, or absolute.
        let path: String
        /// Whether the data set holds a file for it.
        let isPlaced: Bool

        /// Without the dot.
        var `extension`: Substring { fileName.dropFirst(name.count + 1) }

        func absolutePath(in folder: String) -> String {
            path.hasPrefix("/") ? path : "\(folder)/\(path)"
        }
    }

    struct Sample {
        let group: CandidateGroup
        let caption: String
        /// As in the request.
        let clips: [Clip]
        let margin: Double?
    }

    /// What all files are.
    let kind: MediaKind
    let samples: [Sample]
    let rules: ExportRules
    /// Each file once, in the order of the samples.
    let clips: [Clip]

    /// Looks at all files, keeps what the trainer can use, says in the report what it could not.
    init(
        _ requests: [Request], rules: ExportRules, options: ExportOptions,
        report: inout ExportReport
    ) throws(ExportError) {
        let facts = try ClipProbe.facts(
            of: requests.flatMap { $0.members.map { CandidateFile($0.candidate) } }, options)
        let kinds = Set(facts.values.compactMap { try? $0.get().kind }).intersection(rules.kinds)
        kind = kinds == [.image] ? .image : .video
        self.rules = rules
        let folder = rules.folder ?? (kind == .image ? "images" : "videos")
        var names = ExportNames()
        var known: [CandidateFile: Clip] = [:]
        var clips: [Clip] = []
        var samples: [Sample] = []
        var changedCaptions = 0
        for request in requests {
            do throws(Refusal) {
                let caption = try rules.caption.caption(of: request.group.prompt).get()
                var checked: [(RankedGroup.Ranked, CandidateFile, ClipFacts, String)] = []
                for member in request.members {
                    let file = CandidateFile(member.candidate)
                    let fact = try facts[file]!.get()
                    checked.append(
                        (member, file, fact, try Self.check(file, fact, kind, rules, options)))
                }
                if rules.layout == .folderPerSide, Set(checked.map(\.3)).count > 1 {
                    throw Refusal("its two files differ in extension, so they cannot have one name")
                }
                var members: [Clip] = []
                for (member, file, fact, `extension`) in checked {
                    let clip: Clip
                    if let one = known[file] {
                        clip = one
                    } else {
                        let name = names.name(
                            group: request.group.name, file: file, prefix: rules.namePrefix)
                        let fileName = "\(name).\(`extension`)"
                        let isPlaced = file.region != nil || options.files != .reference
                        clip = Clip(
                            ranked: member, file: file, facts: fact, name: name,
                            fileName: fileName,
                            path: isPlaced ? "\(folder)/\(fileName)" : file.path.absolutePath,
                            isPlaced: isPlaced)
                        known[file] = clip
                        clips.append(clip)
                    }
                    members.append(clip)
                }
                if caption != request.group.prompt ?? "" { changedCaptions += 1 }
                samples.append(
                    Sample(
                        group: request.group, caption: caption, clips: members,
                        margin: request.margin))
            } catch {
                report.omissions.append(
                    .init(
                        group: request.group.name, prompt: request.group.prompt,
                        reason: error.reason))
            }
        }
        if changedCaptions > 0 {
            report.notices.append(
                """
                \(changedCaptions) caption\(changedCaptions == 1 ? "" : "s") had line ends or control \
                characters, which the format cannot hold: there are spaces in their place
                """)
        }
        self.samples = samples
        self.clips = clips
        report.sampleCount = samples.count
        report.fileCount = clips.count
    }

    /// The name of a sample that has no other: six digits, more from a million on.
    static func number(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// The extension that a file has in the data set.
    private static func check(
        _ file: CandidateFile, _ facts: ClipFacts, _ kind: MediaKind, _ rules: ExportRules,
        _ options: ExportOptions
    ) throws(Refusal) -> String {
        let `extension` =
            file.region == nil ? file.extension : facts.kind == .image ? "png" : "mp4"
        if let objection = rules.objection(to: facts, extension: `extension`, options) {
            throw Refusal("'\(file.path)' \(objection)")
        }
        guard facts.kind == kind else {
            throw Refusal(
                "'\(file.path)' is an image, and a data set with videos holds nothing else")
        }
        if options.files == .reference, file.region == nil, !rules.caption.carries(path: file.path)
        {
            throw Refusal(
                "'\(file.path)' has characters in its path that the list cannot hold; use hard links"
            )
        }
        return `extension`
    }
}

extension String {
    /// The path from the root, without `.` and `..`, symbolic links as they are.
    var absolutePath: String { URL(fileURLWithPath: self).standardizedFileURL.path }
}
