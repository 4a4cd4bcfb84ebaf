import Dispatch
import Foundation
import Media
import Pipeline

/// Turns the first SIGINT (Ctrl-C) or SIGTERM into an interruption request; a second one kills.
final class SignalHandling {
    private var sources: [any DispatchSourceSignal] = []

    init(_ interruption: Interruption) {
        for signalNumber in [SIGINT, SIGTERM] {
            signal(signalNumber, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signalNumber, queue: .global())
            source.setEventHandler {
                signal(signalNumber, SIG_DFL)
                interruption.request()
                // Wakes a reader that waits for data.
                MediaInterruption.request()
            }
            source.resume()
            sources.append(source)
        }
    }
}
