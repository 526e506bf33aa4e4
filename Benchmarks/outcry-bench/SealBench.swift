import Outcry
import OutcryMeasuring

/// What a signed call costs the signer: from the event that asks for it to the event that brings it.
enum SealBench {
    /// Asks for calls in batches, as an order desk with many orders does.
    final class Gateway: Session {
        private let call = MtGoxRawCall(
            endpoint: "order/add", instrument: .btcusd,
            parameters: [
                MtGoxParameter("type", "bid"), MtGoxParameter("amount_int", "100000000"),
                MtGoxParameter("price_int", "1443000"),
            ])
        private let ids: [String]
        private var left: Int
        private var next: UInt64 = 0
        private var inFlight = 0
        private(set) var bytes = 0

        init(_ count: Int) {
            left = count
            ids = (0..<1000).map { "order_add:bid:1443000:\($0)" }
        }

        static func handlers(_ on: inout Handlers<Gateway>) {
            on(.started) { me, _, my in me.ask(my) }
            on(.mtgoxSealed) { me, sealed, my in
                if case .stream(let text) = sealed.message { me.bytes += text.count }
                me.inFlight -= 1
                if me.inFlight == 0 { me.ask(my) }
            }
        }

        private func ask(_ my: Context) {
            guard left > 0 else { return my.kernel.stop() }
            inFlight = min(left, 1000)
            left -= inFlight
            for place in 0..<inFlight {
                next += 1
                my.post(
                    .mtgoxSeal, to: "signer",
                    MtGoxSealJob(number: next, call: call, carrier: .stream(id: ids[place])))
            }
        }
    }

    static func run(_ words: [String]) throws -> Int32 {
        let count = words.first.flatMap { Int($0) } ?? 200_000
        let credentials = try MtGoxCredentials(
            key: "a8f0c118-f963-430a-9150-02fc673afdda",
            secret: Base64.encode([UInt8](repeating: 7, count: 64)))
        let key = credentials.secret
        let message = [UInt8](repeating: 0x61, count: 180)
        var sum: UInt64 = 0
        let code = Measuring.measure(count) {
            for _ in 0..<count { sum &+= UInt64(key.inlineCode(of: message.span)[0]) }
        }
        let kernel = Kernel(driver: Simulation(seed: 1))
        let gateway = Gateway(count)
        kernel.start(MtGoxSigner(credentials, gateway: "gateway"), alias: "signer")
        kernel.start(gateway, alias: "gateway")
        let seal = try Measuring.measure(count) { try kernel.run() }
        print(
            """
            \(count) calls, \(gateway.bytes / max(1, count)) bytes each (\(sum & 1))
            HMAC-SHA512 of 180 bytes   \(Measuring.text(code)) ns
            asked, signed, delivered   \(Measuring.text(seal)) ns
            """)
        return 0
    }
}
