import OutcryKernel
import OutcryMarket

// What a desk writes down, so that its successor takes its orders up again.

extension OrderDesk {
    /// A ledger is one desk's at a time: of two that had the same each would take the other's orders for its own.
    func lockLedger(_ my: Context) {
        guard let path = options.ledger else { return }
        // Beside it: the ledger itself is replaced now and then by another file.
        ledger?.lock = my.lockFile(path + ".lock", waits: false, then: .ledgerLocked)
    }

    func locked(_ outcome: borrowing StorageOutcome, _ my: Context) {
        guard let path = options.ledger else { return }
        guard case .failed(let error) = outcome.result else {
            ledger?.refusal = nil
            return my.readFile(path, then: .ledgerRead)
        }
        let reason =
            error.isLocked
            ? "another desk has the ledger \(path): each needs one of its own"
            : "the ledger \(path) cannot be locked: \(error)"
        if ledger?.refusal != reason { my.log.error("no orders are placed", reason) }
        for placement in ledger?.refuse(reason) ?? [] {
            machine.report(.refused(placement.id, reason: reason))
        }
        carryOut(my)
        // Whoever has it may be at its end.
        my.after(options.retry, .lockLedger)
    }

    func unlockLedger(_ my: Context) {
        if let lock = ledger?.lock { my.unlockFile(lock) }
    }

    /// Takes up what a predecessor has left.
    func open(_ outcome: borrowing StorageOutcome, _ my: Context) throws {
        guard let path = options.ledger else { return }
        var content: [UInt8] = []
        switch outcome.result {
        case .bytes(let bytes): content = bytes
        // There is none yet.
        case .failed(let error) where error.isMissingFile: break
        case .failed(let error): throw error
        default: break
        }
        let (intents, past) = try IntentLedger.read(content)
        machine.remember(past: past)
        ledger?.adopt(intents.compactMap(\.request.id))
        // While another desk had the ledger its orders were strangers here.
        let hadStrangers = machine.forgetStrangers()
        // It may be on its way, however long ago the clock says that it was placed: clocks are set.
        for intent in intents { machine.adopt(intent, settled: my.now + settlesAfter) }
        ledger?.isOpen = true
        let lines = IntentLedger.lines(of: intents, past: past)
        if lines.count < content.count {
            my.replaceFile(path, lines, then: .ledgerWritten)
            ledger?.beginReplacing()
        }
        if hadStrangers { reconcile(my) }
        carryOut(my)
        write(my)
    }

    func write(_ my: Context) {
        guard let path = ledger?.path, let bytes = ledger?.next() else { return }
        my.appendFile(path, bytes, then: .ledgerWritten)
    }

    func written(_ outcome: borrowing StorageOutcome, _ my: Context) {
        var failure: SystemError?
        if case .failed(let error) = outcome.result { failure = error }
        let wasWhole = ledger?.isWhole ?? true
        let placements = ledger?.written(isWhole: failure == nil) ?? []
        for placement in placements {
            if let failure {
                machine.report(
                    .refused(placement.id, reason: "it could not be written down: \(failure)"))
            } else {
                send(placement, my)
            }
        }
        if let failure {
            if wasWhole { my.log.warning("the ledger of orders is not whole", "\(failure)") }
            my.after(options.retry, .retryLedger, named: "retry ledger")
        } else if !wasWhole {
            my.log.info("the ledger of orders is whole again", options.ledger ?? "")
        }
        carryOut(my)
        write(my)
    }

    func send(_ placement: OrderPlacement, _ my: Context) {
        if my.post(.gatewayPlace, to: link.gateway, placement) != .taken {
            machine.report(.refused(placement.id, reason: "the link's gateway is not there"))
        }
    }

    /// Writes down that an order has its name, or has ended. The end is not written while trades of it have not been
    /// told: a successor would not ask for them.
    func note(_ order: Order, _ my: Context) {
        let isOver = order.state.isFinal && !machine.owesFills(order.id)
        var isNews = isOver
        if let venueID = order.venueID, order.id != venueID, !named.contains(order.id) {
            named.insert(order.id)
            ledger?.add(naming: order.id, venueID)
            isNews = true
        }
        if isOver {
            named.remove(order.id)
            ledger?.add(ending: order.id)
        }
        if isNews { write(my) }
    }
}

extension Event where Payload == StorageOutcome {
    static let ledgerLocked = Self("desk.ledgerLocked")
    static let ledgerRead = Self("desk.ledgerRead")
    static let ledgerWritten = Self("desk.ledgerWritten")
}
extension Event where Payload == Void {
    static let lockLedger = Self("desk.lockLedger")
    static let retryLedger = Self("desk.retryLedger")
}
