import Dispatch
import Foundation
import GANRM
import Media

/// Turns the first Ctrl-C (or SIGTERM) into a request to stop and lets the second one kill.
final class SignalHandling {
    private var sources: [any DispatchSourceSignal] = []

    init(_ interruption: Interruption) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                signal(number, SIG_DFL)
                interruption.request()
                // Wakes a reader that waits for data.
                MediaInterruption.request()
            }
            source.resume()
            sources.append(source)
        }
    }
}
