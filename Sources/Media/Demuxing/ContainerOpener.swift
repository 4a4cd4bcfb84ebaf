import CFFmpeg
import Files
import Glibc

/// Opens the container of an input, and only the one file or URL that the user named, unless nested
/// inputs are allowed.
struct ContainerOpener {
    /// The input as the user wrote it, for error messages.
    let input: String
    private(set) var options: MediaOptions
    let watchdog: InterruptHandler

    /// Opens the container and selects its best video stream, which lives as long as the container.
    ///
    /// - Parameter bytes: The bytes of a stream; nil for a file or a numbered sequence.
    func open(
        _ source: InputSource, _ bytes: ByteStream?
    ) throws(MediaError) -> (container: OpenContainer, stream: UnsafeMutablePointer<AVStream>) {
        let container = try openContainer(of: source, bytes)
        return (container, try chooseStream(of: container))
    }

    private func openContainer(
        of source: InputSource, _ bytes: ByteStream?
    ) throws(MediaError) -> OpenContainer {
        if let format = options.format, av_find_input_format(format) == nil {
            throw .unknownFormat(input: input, format: format)
        }
        let path = source.filePath
        if let bytes {
            var url = path ?? ""
            if case .path(let address) = source, source.isURL { url = address }
            return try openProbed(bytes, url: url, allowingPlainFiles: path != nil)
        }
        if let part = try part(of: source) { return try open(part, named: source.formatName) }
        return try openFile(path ?? "")
    }

    private func part(of source: InputSource) throws(MediaError) -> FilePart? {
        do throws(FileError) {
            guard let extent = try source.extent() else { return nil }
            return try FilePart(extent, name: input)
        } catch {
            throw .file(error)
        }
    }

    /// Opens a part of a file, which can name no other files.
    private func open(_ part: FilePart, named name: String) throws(MediaError) -> OpenContainer {
        if part.byteCount == 0 { throw .empty(input: input) }
        var opener = self
        opener.options.allowsNestedInputs = false
        return try opener.openProbed(
            try ByteStream(part, watchdog: watchdog, input: input), url: name,
            allowingPlainFiles: false)
    }

    private func openFile(_ path: String) throws(MediaError) -> OpenContainer {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .file(.last(.read, input)) }
            guard let pattern = SequencePattern(path) else { throw .notFound(input: input) }
            guard let first = try pattern.firstNumber() else { throw .nothingMatches(input: input) }
            return try openSequence(path, firstNumber: first)
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw .folder(input: input) }
        if status.st_mode & S_IFMT == S_IFREG && status.st_size == 0 { throw .empty(input: input) }
        let bytes = try ByteStream(
            url: "file:" + path, protocols: "file", watchdog: watchdog, input: input)
        return try openProbed(bytes, url: path, allowingPlainFiles: true)
    }

    /// Opens a numbered sequence. FFmpeg's image2 opens the files itself; only local files are
    /// allowed.
    private func openSequence(
        _ path: String, firstNumber: Int
    ) throws(MediaError) -> OpenContainer {
        guard let format = av_find_input_format("image2") else {
            throw .unknownFormat(input: input, format: "image2")
        }
        var settings = ["pattern_type": "sequence", "start_number": String(firstNumber)]
        settings["protocol_whitelist"] = "file"
        if let rate = options.frameRate { settings["framerate"] = rate }
        return try openContext(
            nil, url: path, format: format, settings: settings, opensFiles: true)
    }

    /// Detects the format of `bytes` and opens it if `DemuxerPolicy` allows it.
    private func openProbed(
        _ bytes: ByteStream, url: String, allowingPlainFiles: Bool
    ) throws(MediaError) -> OpenContainer {
        var format = options.format.flatMap { av_find_input_format($0) }
        var score = AVPROBE_SCORE_MAX
        if format == nil {
            watchdog.restart()
            var code = av_probe_input_buffer2(bytes.context, &format, url, nil, 0, 0)
            if let name = format?.pointee.name, String(cString: name) == "image2" {
                // By name, a `.jpg` is assigned to the image sequence demuxer; by content, to that
                // of JPEG.
                format = nil
                code = av_probe_input_buffer2(bytes.context, &format, "", nil, 0, 0)
            }
            score = code
            guard code >= 0, format != nil else {
                if code == ganrm_error_exit { throw failure(code, bytes) }
                try refuseOtherContent(bytes)
                if bytes.isEmpty { throw .empty(input: input) }
                if code != ganrm_error_invalid_data && code != ganrm_error_eof {
                    throw .unreadable(input: input, reason: libavMessage(code))
                }
                throw .notMedia(input: input, looksLike: nil)
            }
        }
        guard let format else { throw .notMedia(input: input, looksLike: nil) }
        let name = String(cString: format.pointee.name)
        // Any file named .mp4 would be detected as one, and then fail with a missing index. A low
        // score means that the content is hardly like the format, except for images: theirs is low
        // while the end of the image is not in sight, and for several JPEGs in one file.
        if options.format == nil, score <= AVPROBE_SCORE_RETRY, !name.hasSuffix("_pipe"),
            name != "mjpeg", !Self.isLikely(bytes, format, named: url)
        {
            try refuseOtherContent(bytes)
            throw .notMedia(input: input, looksLike: nil)
        }
        // Text may have the synchronization bytes of a transport stream at regular distances.
        if options.format == nil, !name.hasSuffix("_pipe"), name != "yuv4mpegpipe" {
            switch DemuxerPolicy.verdict(on: name) {
            case .allowed, .unexpected: try refuseOtherContent(bytes)
            case .nested, .audio: break
            }
        }
        try check(formatName: name, longName: format.pointee.long_name.map { String(cString: $0) })
        if name == "jpegxl_pipe" {
            try JPEGXLStructure.refuseAnimation(bytes.head[...], input: input)
        }
        var settings: [String: String] = [:]
        if name == "rawvideo" {
            settings = try rawVideoSettings()
        } else if let rate = options.frameRate, name.hasSuffix("_pipe") || name == "image2pipe" {
            settings["framerate"] = rate
        }
        if options.allowsNestedInputs && allowingPlainFiles {
            settings["protocol_whitelist"] = "file,crypto,data,http,https,httpproxy,tls,tcp"
        }
        return try openContext(
            bytes, url: url, format: format, settings: settings,
            opensFiles: options.allowsNestedInputs)
    }

    /// Whether a format that was detected with a low score is likely: by its content alone, without
    /// the file's name, and by that name.
    private static func isLikely(
        _ bytes: ByteStream, _ format: UnsafePointer<AVInputFormat>, named name: String
    ) -> Bool {
        var found: UnsafePointer<AVInputFormat>?
        let score = av_probe_input_buffer2(bytes.context, &found, "", nil, 0, 0)
        guard score > 0, found == format else { return false }
        return score > AVPROBE_SCORE_RETRY || av_match_ext(name, format.pointee.extensions) != 0
    }

    /// Names the content of an input that is neither a video nor an image, if it is a known one.
    private func refuseOtherContent(_ bytes: ByteStream) throws(MediaError) {
        if let content = OtherContent(head: bytes.head) {
            throw .other(input: input, content: content)
        }
    }

    private func check(formatName: String, longName: String?) throws(MediaError) {
        switch DemuxerPolicy.verdict(on: formatName) {
        case .allowed: break
        case .nested:
            guard options.allowsNestedInputs else {
                throw .nestedInput(input: input, format: formatName)
            }
        case .audio:
            if options.format == nil { throw .noVideoStream(input: input) }
        case .unexpected:
            if options.format != nil { break }
            if formatName == "rawvideo" {
                guard options.width != nil else { throw .rawVideoNeedsSize(input: input) }
            } else {
                throw .notMedia(
                    input: input, looksLike: longName.map { "\(formatName) (\($0))" } ?? formatName)
            }
        }
    }

    private func rawVideoSettings() throws(MediaError) -> [String: String] {
        guard let width = options.width, let height = options.height else {
            throw .rawVideoNeedsSize(input: input)
        }
        let pixelFormat = options.pixelFormat ?? "yuv420p"
        guard av_get_pix_fmt(pixelFormat) != AV_PIX_FMT_NONE else {
            throw .invalidOption(
                input: input,
                reason: "pixel format '\(pixelFormat)' is unknown; `ffmpeg -pix_fmts` lists them")
        }
        return [
            "video_size": "\(width)x\(height)", "pixel_format": pixelFormat,
            "framerate": options.frameRate ?? "25",
        ]
    }

    private func openContext(
        _ bytes: ByteStream?, url: String, format: UnsafePointer<AVInputFormat>,
        settings: [String: String], opensFiles: Bool
    ) throws(MediaError) -> OpenContainer {
        var opened = avformat_alloc_context()
        guard let context = opened else { throw .outOfMemory(input: input) }
        context.pointee.interrupt_callback = watchdog.callback
        context.pointee.pb = bytes?.context
        // libav would take a transport stream whose timestamps restart for one whose timestamps
        // have wrapped around, and add 26 hours. `FrameClock` handles both cases.
        context.pointee.correct_ts_overflow = 0
        if !opensFiles {
            context.pointee.io_open = { _, _, _, _, _ in ganrm_error_refused }
        }
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        for (key, value) in settings { av_dict_set(&dictionary, key, value, 0) }
        watchdog.restart()
        // Frees the context on failure.
        let code = avformat_open_input(&opened, url, format, &dictionary)
        guard code >= 0 else {
            if !settings.isEmpty && code == -EINVAL {
                throw .invalidOption(
                    input: input, reason: LibavLog.firstError() ?? libavMessage(code))
            }
            let error = failure(code, bytes)
            if String(cString: format.pointee.name).hasPrefix("mov,"),
                let stored = bytes.flatMap(StoredBytes.init),
                let content = OtherContent(movie: stored)
            {
                throw .other(input: input, content: content)
            }
            throw error
        }
        return OpenContainer(context, bytes: bytes, watchdog: watchdog)
    }

    /// Reads ahead until the streams are known, and selects the best video stream.
    private func chooseStream(
        of container: OpenContainer
    ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let context = container.context
        let count = Int(context.pointee.nb_streams)
        var dictionaries = [OpaquePointer?](repeating: nil, count: count)
        for i in 0..<count {
            av_dict_set(&dictionaries[i], "max_pixels", String(options.pixelLimit), 0)
        }
        watchdog.restart()
        let code = avformat_find_stream_info(context, &dictionaries)
        for i in 0..<count { av_dict_free(&dictionaries[i]) }
        guard code >= 0 else { throw failure(code, container.bytes) }

        var streamIndex = Int(av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0))
        let streams = (0..<Int(context.pointee.nb_streams)).map { context.pointee.streams[$0] }
        let isCover = { (index: Int) -> Bool in
            (streams[index]?.pointee.disposition ?? 0) & AV_DISPOSITION_ATTACHED_PIC != 0
        }
        let videos = streams.indices.filter { index in
            streams[index]?.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        }
        let auxiliary = videos.count > 1 ? auxiliaryTracks(of: container) : []
        let isAuxiliary = { (index: Int) -> Bool in
            streams[index].map { auxiliary.contains(Int64($0.pointee.id)) } ?? false
        }
        if streamIndex >= 0 && (isCover(streamIndex) || isAuxiliary(streamIndex)) {
            if let main = videos.first(where: { !isCover($0) && !isAuxiliary($0) }) {
                streamIndex = main
            } else if isCover(streamIndex) {
                throw .onlyCoverArt(input: input)
            }
        }
        guard streamIndex >= 0, let stream = streams[streamIndex] else {
            if watchdog.shouldInterrupt { throw failure(ganrm_error_exit, container.bytes) }
            if streams.isEmpty, let reason = LibavLog.firstError() {
                if case .other(let input, let content) = withoutVideo(container) {
                    throw .other(input: input, content: content)
                }
                throw .damaged(input: input, framesRead: 0, reason: reason)
            }
            throw withoutVideo(container)
        }
        if av_dict_get(stream.pointee.metadata, "enc_key_id", nil, 0) != nil
            || LibavLog.firstError() == "Unsupported encoding type"
        {
            // Matroska's ContentEncryption.
            throw .encrypted(input: input)
        }
        for index in streams.indices where index != streamIndex {
            streams[index]?.pointee.discard = AVDISCARD_ALL
        }
        return stream
    }

    /// IDs of the streams that are alpha or depth of another one.
    ///
    /// FFmpeg 5.1 takes them for further videos, and prefers them if they have a higher bit rate.
    private func auxiliaryTracks(of container: OpenContainer) -> Set<Int64> {
        guard String(cString: container.context.pointee.iformat.pointee.name).hasPrefix("mov,"),
            let bytes = container.bytes, let stored = StoredBytes(bytes)
        else { return [] }
        let position = avio_tell(bytes.context)
        let tracks = MovieBox.auxiliaryTracks(in: stored)
        if avio_tell(bytes.context) != position { avio_seek(bytes.context, position, SEEK_SET) }
        return tracks
    }

    /// The error of a container without a video stream.
    private func withoutVideo(_ container: OpenContainer) -> MediaError {
        let context = container.context
        let types = (0..<Int(context.pointee.nb_streams)).compactMap {
            context.pointee.streams[$0]?.pointee.codecpar.pointee.codec_type
        }
        if !types.isEmpty, types.allSatisfy({ $0 == AVMEDIA_TYPE_SUBTITLE }) {
            return .other(input: input, content: .subtitles)
        }
        if String(cString: context.pointee.iformat.pointee.name).hasPrefix("mov,"),
            !types.contains(AVMEDIA_TYPE_AUDIO),
            let stored = container.bytes.flatMap(StoredBytes.init),
            let content = OtherContent(movie: stored)
        {
            return .other(input: input, content: content)
        }
        return .noVideoStream(input: input)
    }

    private func failure(_ code: Int32, _ bytes: ByteStream?) -> MediaError {
        .reading(code, input: input, options: options, watchdog: watchdog, bytes: bytes)
    }
}
