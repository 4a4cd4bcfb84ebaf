import Dispatch
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Pipeline
import ServiceLifecycle
import UnixSignals

/// A reward server.
///
///     let engine = try ScoringEngine { try InputScoring(ModelLoader().scorer(model: "default")) }
///     try await Server(engine, ServerSettings()).run { address in print(address) }
public struct Server: Sendable {
    private let engine: ScoringEngine
    private let metrics: ServedMetrics?
    private let settings: ServerSettings

    /// - Parameter metrics: Metrics beside the reward; nil for none.
    public init(
        _ engine: ScoringEngine, metrics: ServedMetrics? = nil, _ settings: ServerSettings
    ) {
        self.engine = engine
        self.metrics = metrics
        self.settings = settings
    }

    /// Serves until a signal to stop (SIGTERM, SIGINT), then answers the calls that have begun and returns.
    ///
    /// - Parameter onListening: Called with the address once clients can connect.
    /// - Throws: `ServingError.setting` if the address cannot be used.
    public func run(onListening: @escaping @Sendable (String) -> Void) async throws {
        var logger = Logger(label: "ganrm", factory: { _ in JSONLogHandler() })
        logger.logLevel = .info
        let service = ScoringService(engine, metrics: metrics, settings)
        let address = settings.address
        let application = Application(
            router: router(service),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionHandler()], idleTimeout: .seconds(60))),
            configuration: .init(
                address: address.bindAddress, serverName: nil,
                availableConnectionsDelegate: .maximum(Self.connectionLimit, logger: logger)),
            onServerRunning: { channel in
                onListening(address.text(port: channel.localAddress?.port))
            }, logger: logger)
        // Stopped in reverse: first no new calls, then the engines.
        let engines = [engine, metrics?.engine].compactMap(\.self)
        var configuration = ServiceGroupConfiguration(
            services: engines.map {
                .init(service: EngineService(engine: $0, drain: settings.drain))
            } + [
                .init(service: application),
                .init(service: SecondInterrupt(), successTerminationBehavior: .ignore),
            ], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Self.quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.drain)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw ServingError.setting(
                reason: "cannot listen at \(address.text(port: nil)): \(error.description)")
        }
    }

    /// The services' own messages are of no use to an operator.
    private static let quiet: Logger = {
        var logger = Logger(label: "ganrm.services", factory: { _ in JSONLogHandler() })
        logger.logLevel = .critical
        return logger
    }()

    /// Paths that need no token and are not logged.
    static let probes = ["/livez", "/readyz"]
    /// Most connections at a time; further ones wait to be accepted.
    private static let connectionLimit = 1024

    private func router(_ service: ScoringService) -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLog(metrics: engine.metrics))
        router.get("/livez") { _, _ in Response(text: "ok\n", type: "text/plain") }
        router.get("/readyz") { [engine] _, _ in
            engine.queue.isShutDown
                ? Response(ServingError.draining) : Response(text: "ok\n", type: "text/plain")
        }
        let routes = router.group()
        if let token = settings.token {
            routes.add(middleware: TokenCheck(token: token))
        } else if case .host(let host, _) = settings.address, settings.address.isLocal {
            routes.add(middleware: HostCheck(host: host))
        }
        OperationProtocol(service: service).add(to: routes)
        ModelProtocol(service: service).add(to: routes)
        RowProtocol(service: service).add(to: routes)
        UniRLProtocol(service: service).add(to: routes)
        FlowFactoryProtocol(service: service).add(to: routes)
        KServeProtocol(service: service).add(to: routes)
        if settings.readsPickles { PickleProtocol(service: service).add(to: routes) }
        refuseOtherMethods(of: router.routes, in: routes)
        return router
    }

    /// Answers calls with a method that their path does not have.
    private func refuseOtherMethods(
        of known: [Router<BasicRequestContext>.RouteDescription],
        in routes: RouterGroup<BasicRequestContext>
    ) {
        for (path, ofPath) in Dictionary(grouping: known, by: \.path.description) {
            var methods = ofPath.map(\.method)
            if methods.contains(.get) { methods.append(.head) }
            let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods where !methods.contains(method) {
                routes.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw HTTPError(.methodNotAllowed, headers: [.allow: allowed])
                }
            }
        }
    }

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options,
    ]
}

/// Lets a Ctrl-C after the signal to stop end the process at once.
private struct SecondInterrupt: Service {
    func run() async throws {
        try await gracefulShutdown()
        signal(SIGINT, SIG_DFL)
        // Whatever started the server may have blocked it.
        var interrupt = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    }
}

/// The engine as a service that ends after the calls.
private struct EngineService: Service {
    let engine: ScoringEngine
    let drain: Double

    func run() async throws {
        let thread = try engine.start()
        try? await gracefulShutdown()
        engine.queue.close()
        await withCheckedContinuation { [drain] continuation in
            DispatchQueue.global().async {
                thread.join(within: drain)
                continuation.resume()
            }
        }
    }
}

extension ServerSettings.Address {
    fileprivate var bindAddress: BindAddress {
        switch self {
        case .host(let name, let port): .hostname(name, port: port)
        case .socket(let path): .unixDomainSocket(path: path)
        }
    }

    /// The address as a client writes it.
    ///
    /// - Parameter port: The port that the system chose; nil for that of the settings.
    fileprivate func text(port chosen: Int?) -> String {
        switch self {
        case .host(let name, let port):
            "http://\(name.contains(":") ? "[\(name)]" : name):\(chosen ?? port)"
        case .socket(let path): "unix:\(path)"
        }
    }
}
