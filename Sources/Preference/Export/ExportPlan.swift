import Files
import Foundation
import Frames
import OrderedCollections
import TextFormats

/// The samples that a trainer can use, with the names of their files.
struct ExportPlan {
    /// A pair, winner first, or one selected candidate.
    struct Request {
        let group: CandidateGroup
        let members: [RankedGroup.Ranked]
        /// Margin of a pair, in logits; nil for a selected candidate.
        let margin: Double?
    }

    struct Clip {
        let ranked: RankedGroup.Ranked
        let file: CandidateFile
        let facts: ClipMetadata
        /// File name without extension, unique in the data set.
        let name: String
        /// File name with extension.
        let fileName: String
        /// Path in the data set's lists: relative to its folder, or absolute.
        let path: String
        /// Whether the data set contains the file.
        let isPlaced: Bool

        /// File extension without the dot.
        var `extension`: Substring { fileName.dropFirst(name.count + 1) }

        /// σ(logit), in 0…1.
        var score: Double { ranked.score.value }

        func absolutePath(in folder: String) -> String {
            PathName.isAbsolute(path) ? path : "\(folder)/\(path)"
        }
    }

    /// A pair, or one selected candidate.
    struct Sample {
        let caption: String
        /// In the order of the request's members.
        let clips: [Clip]
        /// As in the request.
        let margin: Double?

        /// The preferred candidate of a pair.
        var chosen: Clip { clips[0] }
        /// The other candidate of a pair.
        var rejected: Clip { clips[1] }
        /// The candidate of a selection.
        var selected: Clip { clips[0] }
    }

    /// Kind of all files.
    let kind: MediaKind
    let samples: [Sample]
    /// Each file once, in the order of the samples.
    let clips: [Clip]

    /// Checks all files, keeps the samples that the trainer can use, and reports the others.
    init(
        _ requests: [Request], rules: ExportRules, options: ExportOptions,
        report: inout ExportReport
    ) throws(ExportError) {
        let facts = try ClipProbe.facts(
            of: requests.flatMap { $0.members.map { CandidateFile($0.candidate) } }, options)
        let kinds = Set(facts.values.compactMap { try? $0.get().kind }).intersection(rules.kinds)
        kind = kinds == [.image] ? .image : .video
        let folder = rules.folder ?? (kind == .image ? "images" : "videos")
        var names = ExportNames()
        var clips: OrderedDictionary<CandidateFile, Clip> = [:]
        var samples: [Sample] = []
        var changedCaptions = 0
        for request in requests {
            do throws(OmissionReason) {
                let caption = try rules.caption.caption(of: request.group.prompt).get()
                var checked: [(RankedGroup.Ranked, CandidateFile, ClipMetadata, String)] = []
                for member in request.members {
                    let file = CandidateFile(member.candidate)
                    guard let result = facts[file] else {
                        preconditionFailure("all files were probed above")
                    }
                    let fact = try result.get()
                    checked.append(
                        (member, file, fact, try Self.check(file, fact, kind, rules, options)))
                }
                if rules.layout == .folderPerSide, Set(checked.map(\.3)).count > 1 {
                    throw OmissionReason(
                        "its two files differ in extension, so they cannot have one name")
                }
                var members: [Clip] = []
                for (member, file, fact, `extension`) in checked {
                    let clip: Clip
                    if let existing = clips[file] {
                        clip = existing
                    } else {
                        let name = names.name(
                            group: request.group.name, file: file, prefix: rules.namePrefix)
                        let fileName = "\(name).\(`extension`)"
                        let isPlaced = file.isPart || options.files != .reference
                        clip = Clip(
                            ranked: member, file: file, facts: fact, name: name,
                            fileName: fileName,
                            path: isPlaced ? "\(folder)/\(fileName)" : file.path.absolutePath,
                            isPlaced: isPlaced)
                        clips[file] = clip
                    }
                    members.append(clip)
                }
                if !caption.hasSameBytes(as: request.group.prompt ?? "") { changedCaptions += 1 }
                samples.append(
                    Sample(caption: caption, clips: members, margin: request.margin))
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
                characters, which the format cannot hold: spaces replace them
                """)
        }
        self.samples = samples
        self.clips = clips.values.elements
        report.sampleCount = samples.count
        report.fileCount = clips.count
    }

    /// Name of a sample or an archive by its index, zero-padded to six digits.
    static func sampleName(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// The extension of a file in the data set.
    ///
    /// - Throws: `OmissionReason` if the trainer cannot use the file.
    private static func check(
        _ file: CandidateFile, _ facts: ClipMetadata, _ kind: MediaKind, _ rules: ExportRules,
        _ options: ExportOptions
    ) throws(OmissionReason) -> String {
        let `extension` =
            file.region == nil ? file.extension : facts.kind == .image ? "png" : "mp4"
        if let objection = rules.objection(to: facts, extension: `extension`, options) {
            throw OmissionReason("'\(file.path)' \(objection)")
        }
        guard facts.kind == kind else {
            throw OmissionReason(
                "'\(file.path)' is an image, and a data set with videos holds nothing else")
        }
        if options.files == .reference, !file.isPart, !rules.caption.carries(path: file.path) {
            throw OmissionReason(
                "'\(file.path)' has characters in its path that the list cannot hold; use hard links"
            )
        }
        return `extension`
    }
}

extension String {
    /// The absolute path, without `.` and `..`; symbolic links are not resolved.
    var absolutePath: String { URL(fileURLWithPath: self).standardizedFileURL.path }
}
