public import Foundation

/// An HTTP server on 127.0.0.1 with scripted replies, including invalid ones.
public final class LoopbackServer: @unchecked Sendable {
    public struct Request: Sendable {
        /// Request path, for example `/repository/resolve/main/file`.
        public var path: String
        /// Header fields, names in lower case.
        public var headers: [String: String]

        /// First byte of a `Range: bytes=N-` request.
        public var rangeStart: Int? {
            headers["range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) }
        }
    }

    public struct Reply: Sendable {
        public var status = 200
        public var headers: [String: String] = [:]
        public var body = Data()
        /// Value of `Content-Length`; nil sends the length of the body.
        public var announcedLength: Int?
        /// Sends no reply and keeps the connection open until the server stops.
        public var isSilent = false
        /// Repeats the body without `Content-Length` until the client closes the connection.
        public var isEndless = false
        /// Repeats a header until the client closes the connection.
        public var hasEndlessHeaders = false

        public init(
            status: Int = 200, headers: [String: String] = [:], body: Data = Data(),
            announcedLength: Int? = nil, isSilent: Bool = false, isEndless: Bool = false,
            hasEndlessHeaders: Bool = false
        ) {
            self.isEndless = isEndless
            self.hasEndlessHeaders = hasEndlessHeaders
            self.status = status
            self.headers = headers
            self.body = body
            self.announcedLength = announcedLength
            self.isSilent = isSilent
        }
    }

    public let port: UInt16
    private let listener: Int32
    private let handler: @Sendable (Request, _ index: Int) -> Reply
    private let mutex = NSLock()
    private var received: [Request] = []

    /// Requests received so far, in order.
    public var requests: [Request] { mutex.withLock { received } }
    public var endpoint: String { "http://127.0.0.1:\(port)" }

    /// - Parameter handler: Answers each request; `index` counts them from 0.
    public init(_ handler: @escaping @Sendable (Request, _ index: Int) -> Reply) throws {
        self.handler = handler
        (listener, port) = try loopbackSocket(datagrams: false)
        guard listen(listener, 8) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        Thread.detachNewThread { [self] in serve() }
    }

    public func stop() {
        // The serving thread closes the listener. If it were closed here, the file descriptor could
        // already belong to another test's server when that thread calls accept again.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve() {
        var openConnections: [Int32] = []
        defer {
            for connection in openConnections { close(connection) }
            close(listener)
        }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            if let request = Self.readRequest(connection) {
                let index = mutex.withLock {
                    received.append(request)
                    return received.count - 1
                }
                let reply = handler(request, index)
                if reply.isSilent {
                    openConnections.append(connection)
                    continue
                }
                Self.write(reply, to: connection)
            }
            close(connection)
        }
    }

    private static func readRequest(_ connection: Int32) -> Request? {
        var text = ""
        var byte: UInt8 = 0
        while !text.hasSuffix("\r\n\r\n") {
            guard read(connection, &byte, 1) == 1 else { return nil }
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        // Swift treats a carriage return and a line feed as one Character.
        let lines = text.components(separatedBy: "\r\n")
        let fields = lines[0].components(separatedBy: " ")
        guard fields.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return Request(path: fields[1], headers: headers)
    }

    private static func write(_ reply: Reply, to connection: Int32) {
        var head =
            "HTTP/1.1 \(reply.status) \(reply.status == 404 ? "Not Found" : "X")\r\nConnection: close\r\n"
        if !reply.isEndless {
            head += "Content-Length: \(reply.announcedLength ?? reply.body.count)\r\n"
        }
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        if reply.hasEndlessHeaders {
            guard send(Data(head.utf8), to: connection) else { return }
            while send(
                Data("X-Filler: \(String(repeating: "x", count: 1000))\r\n".utf8), to: connection)
            {}
            return
        }
        guard send(Data((head + "\r\n").utf8) + reply.body, to: connection) else { return }
        while reply.isEndless, send(reply.body, to: connection) {}
    }

    /// Sends all bytes; returns false if the client has closed the connection.
    private static func send(_ bytes: Data, to connection: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                // MSG_NOSIGNAL: no SIGPIPE if the client closes the connection first.
                let count = Foundation.send(
                    connection, bytes.baseAddress! + sent, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}
