import OutcryKernel

extension Event where Payload == StorageOutcome { static let stored = Self("test.stored") }
extension Event where Payload == Void { static let beat = Self("test.beat") }

/// Asks for something when it starts, and keeps what the disk says.
final class Writer: Session {
    var outcomes: [String] = []
    let ask: (Context) -> Void
    init(_ ask: @escaping (Context) -> Void) { self.ask = ask }
    static func handlers(_ on: inout Handlers<Writer>) {
        on(.started) { me, _, my in me.ask(my) }
        on(.stored) { me, outcome, _ in
            switch outcome.result {
            case .bytes(let bytes): me.outcomes.append(String(decoding: bytes, as: UTF8.self))
            case .failed(let error): me.outcomes.append("\(error)")
            case .done: me.outcomes.append("done")
            case .mark(let first): me.outcomes.append("\(first)")
            case .addresses: me.outcomes.append("addresses")
            }
        }
        on(.beat) { _, _, _ in }
    }
}
