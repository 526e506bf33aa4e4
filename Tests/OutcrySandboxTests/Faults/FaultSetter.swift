import OutcryKernel
import OutcrySandbox

/// Sets the faults of a sandbox while it runs.
final class FaultSetter: Session {
    typealias Outcome = Result<[SandboxFaultSetting], SandboxRefusal>
    private let changes: [SandboxFaultSetting]
    private(set) var outcome: Outcome?

    init(_ changes: [SandboxFaultSetting]) { self.changes = changes }

    static func handlers(_ on: inout Handlers<FaultSetter>) {
        on(.started) { me, _, my in
            my.ask(
                .sandboxFaults, to: "sandbox", me.changes, timeout: .seconds(1),
                then: .testFaultsSet)
        }
        on(.testFaultsSet) { me, answer, _ in
            if case .reply(let outcome) = copy answer { me.outcome = outcome }
        }
    }
}

extension SandboxHouse {
    /// Sets faults and gives what all of them are set to then; throws the refusal.
    @discardableResult func fault(
        _ changes: KeyValuePairs<String, String>
    ) throws -> [SandboxFaultSetting] {
        let setter = FaultSetter(changes.map { SandboxFaultSetting($0.key, $0.value) })
        kernel.start(setter)
        run(.milliseconds(1))
        guard let outcome = setter.outcome else { throw Missing(what: "an answer about faults") }
        return try outcome.get()
    }

    /// How often a fault was done.
    func count(_ fault: SandboxFault) -> Int { exchange.counters.faults[fault] }
}

extension Event where Payload == Answer<FaultSetter.Outcome> {
    fileprivate static let testFaultsSet = Self("test.faultsSet")
}
