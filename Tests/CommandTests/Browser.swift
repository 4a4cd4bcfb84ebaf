import Foundation
import Testing
import TestSupport
import TextFormats

/// A headless Chromium with one tab, driven through the DevTools protocol over two pipes.
///
/// Messages are JSON objects terminated by a zero byte; `--remote-debugging-pipe` reads file
/// descriptor 3 and writes file descriptor 4.
final class Browser {
    static let program = ["/usr/bin/chromium", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// An error of the page or of the protocol.
    struct Failure: Error {
        let reason: String
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let profile: TemporaryFolder
    private var received = Data()
    private var lastID = 0
    private var session: String?
    /// Errors, warnings and refused requests of the page.
    private(set) var complaints: [String] = []

    init(width: Int = 1200, height: Int = 900) throws {
        profile = try TemporaryFolder()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell duplicates the pipes to the file descriptors that Chromium uses.
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1",
            try #require(Self.program), "--headless", "--no-sandbox", "--disable-gpu",
            "--no-first-run", "--remote-debugging-pipe", "--user-data-dir=\(profile.path)",
            "--window-size=\(width),\(height)", "about:blank",
        ]
        // Without a UTF-8 locale Chromium cannot save non-ASCII file names.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["LC_ALL": "C.UTF-8"]) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let target = try send("Target.createTarget", ["url": .string("about:blank")])
        let attached = try send(
            "Target.attachToTarget",
            ["targetId": target["targetId"] ?? .null, "flatten": .bool(true)])
        session = attached["sessionId"]?.stringValue
        for domain in ["Page", "Runtime", "Log"] { try send("\(domain).enable") }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    /// Opens a file and waits until it is loaded.
    func open(_ path: String) throws {
        try send(
            "Page.navigate", ["url": .string(URL(fileURLWithPath: path).absoluteString)])
        try wait("location.protocol === 'file:' && document.readyState === 'complete'")
    }

    /// Evaluates a JavaScript expression, and waits for its value if it is a promise.
    @discardableResult
    func value(_ expression: String) throws -> JSONValue {
        let result = try send(
            "Runtime.evaluate",
            [
                "expression": .string(expression), "returnByValue": .bool(true),
                "awaitPromise": .bool(true), "userGesture": .bool(true),
            ])
        if let details = result["exceptionDetails"] {
            throw Failure(reason: "\(expression): \(details)")
        }
        return result["result"]?["value"] ?? .null
    }

    /// Waits until an expression is true, at most a minute.
    func wait(_ condition: String) throws {
        for _ in 0..<600 {
            if try value("Boolean(\(condition))") == .bool(true) { return }
            Thread.sleep(forTimeInterval: 0.1)
        }
        throw Failure(reason: "never came true: \(condition); complaints: \(complaints)")
    }

    /// Presses and releases a key with a name from `KeyboardEvent.key`.
    func press(_ key: String) throws {
        let codes = ["ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40, "Escape": 27, " ": 32]
        var event: [String: JSONValue] = [
            "key": .string(key), "windowsVirtualKeyCode": .integer(codes[key] ?? 0),
        ]
        if key.count == 1 { event["text"] = .string(key) }
        for type in ["keyDown", "keyUp"] {
            event["type"] = .string(type)
            try send("Input.dispatchKeyEvent", event)
        }
    }

    func type(_ text: String) throws {
        try send("Input.insertText", ["text": .string(text)])
    }

    /// Clicks on the center of an element.
    func click(_ selector: String) throws {
        let name = JSONValue.string(selector)
        try value("document.querySelector(\(name)).scrollIntoView({block: 'nearest'})")
        let center = try value(
            """
            (() => { const b = document.querySelector(\(name)).getBoundingClientRect();
              return {x: b.x + b.width / 2, y: b.y + b.height / 2}; })()
            """)
        for type in ["mousePressed", "mouseReleased"] {
            try send(
                "Input.dispatchMouseEvent",
                [
                    "type": .string(type), "x": center["x"] ?? .null, "y": center["y"] ?? .null,
                    "button": .string("left"), "clickCount": .integer(1),
                ])
        }
    }

    /// Allows downloads to a folder.
    func allowDownloads(to folder: String) throws {
        try send(
            "Browser.setDownloadBehavior",
            ["behavior": .string("allow"), "downloadPath": .string(folder)])
    }

    /// A screenshot of the tab, as PNG.
    func screenshot() throws -> Data {
        let text = try send("Page.captureScreenshot")["data"]?.stringValue
        return try #require(text.flatMap { Data(base64Encoded: $0) })
    }

    /// Sends a command and waits for its result.
    @discardableResult
    func send(_ method: String, _ parameters: [String: JSONValue] = [:]) throws -> JSONValue {
        lastID += 1
        var members: [JSONValue.Member] = [
            .init("id", .integer(lastID)), .init("method", .string(method)),
            .init("params", .object(parameters.map { .init($0, $1) })),
        ]
        if let session { members.append(.init("sessionId", .string(session))) }
        try input.fileHandleForWriting.write(
            contentsOf: Data(JSONValue.object(members).description.utf8) + [0])
        while true {
            let message = try receive()
            if message["id"]?.integerValue == lastID {
                guard let result = message["result"] else {
                    throw Failure(reason: "\(method): \(message)")
                }
                return result
            }
            record(message)
        }
    }

    private func receive() throws -> JSONValue {
        while true {
            if let end = received.firstIndex(of: 0) {
                let text = String(decoding: received[..<end], as: UTF8.self)
                received.removeSubrange(...end)
                return try JSONValue(parsing: text)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(reason: "the browser has ended") }
            received.append(more)
        }
    }

    private func record(_ message: JSONValue) {
        switch message["method"]?.stringValue {
        case "Runtime.exceptionThrown":
            complaints.append("\(message)")
        case "Log.entryAdded" where message["params"]?["entry"]?["level"] != .string("verbose"):
            complaints.append("\(message)")
        default: break
        }
    }
}
