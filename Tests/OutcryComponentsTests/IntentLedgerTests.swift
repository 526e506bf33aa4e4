import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

/// A ledger when appends fail: what is left of the file, and what is written again.
@Suite struct IntentLedgerTests {
    private func placement(_ name: String) -> OrderPlacement {
        let id = OrderID(name)
        let request = OrderRequest(
            side: .buy, quantity: Quantity(units: 150_000_000, of: .btc),
            price: Price(units: 1_443_000, of: .usd), instrument: .btcusd, id: id)
        return OrderPlacement(id: id, request: request)
    }

    private func append(
        _ name: String, _ writer: inout LedgerWriter, isWhole: Bool = true
    ) throws -> [UInt8] {
        writer.add(placement(name), at: 1)
        let next = writer.next()
        let bytes = try #require(next)
        #expect(writer.written(isWhole: isWhole).map(\.id) == [OrderID(name)])
        return bytes
    }

    /// Wherever the disk was full, every other line is read, and the torn one is of no order.
    @Test func aTornAppendIsPassedOver() throws {
        var writer = LedgerWriter(path: "ledger")
        writer.isOpen = true
        let first = try append("a", &writer)
        let second = try append("b", &writer, isWhole: false)
        let third = try append("c", &writer)
        #expect(third.starts(with: Array("\ntorn\nplace c ".utf8)))
        let fourth = try append("d", &writer)
        #expect(fourth.starts(with: Array("place d ".utf8)))
        for count in 0..<second.count {
            let content = first + second[..<count] + third + fourth
            let names = try IntentLedger.read(content).intents.compactMap(\.request.id)
            #expect(names == ["a", "c", "d"], "\(count) bytes of \(second.count)")
        }
    }

    /// Wherever the power fails behind an append that has failed, in the mark too, the rest is read.
    @Test func aTornMarkIsPassedOver() throws {
        var writer = LedgerWriter(path: "ledger")
        writer.isOpen = true
        let first = try append("a", &writer)
        let second = try append("b", &writer, isWhole: false)
        let third = try append("c", &writer)
        for count in 0..<second.count - 1 {
            for more in 0...third.count {
                let content = first + second[..<count] + third[..<more]
                let names = try IntentLedger.read(content).intents.compactMap(\.request.id)
                #expect(
                    names == (more == third.count ? ["a", "c"] : ["a"]), "\(count) bytes, \(more)")
            }
        }
    }

    /// What an append was to tell of orders that are out comes with the next one that is tried; an order that was to
    /// be placed does not, nor its end.
    @Test func whatIsKnownOfOrdersIsWrittenAgain() throws {
        var writer = LedgerWriter(path: "ledger")
        writer.isOpen = true
        let first = try append("a", &writer)
        writer.add(naming: "a", "x")
        let second = try append("b", &writer, isWhole: false)
        #expect(String(decoding: second, as: UTF8.self).hasPrefix("named a x\nplace b "))
        writer.add(ending: "b")
        var next = writer.next()
        #expect(next == nil, "nothing is tried again by itself")
        writer.retry()
        next = writer.next()
        let third = try #require(next)
        #expect(String(decoding: third, as: UTF8.self) == "\ntorn\nnamed a x\n")
        #expect(writer.written(isWhole: true).isEmpty)
        writer.retry()
        next = writer.next()
        #expect(next == nil, "all is there")
        let intents = try IntentLedger.read(first + second.prefix(20) + third).intents
        #expect(intents.map(\.request.id) == ["a"])
        #expect(intents.map(\.venueID) == ["x"])
    }

    /// However long a disk is full, and however many orders are refused meanwhile, no more waits than of the orders
    /// that are out.
    @Test func aFullDiskCostsNoMemory() throws {
        var writer = LedgerWriter(path: "ledger")
        writer.isOpen = true
        _ = try append("a", &writer)
        writer.add(naming: "a", "x")
        for i in 0..<1_000 {
            let bytes = try append("b \(i)", &writer, isWhole: false)
            #expect(bytes.count < 150)
            writer.add(ending: OrderID("b \(i)"))
        }
        writer.add(ending: "a")
        let last = try append("c", &writer)
        #expect(
            String(decoding: last, as: UTF8.self).hasPrefix("\ntorn\nnamed a x\nended a\nplace c "))
    }

    /// A line that nobody wrote is told, as before.
    @Test func otherLinesAreMalformed() {
        #expect(throws: IntentLedger.Malformed(line: 1, text: "place a bu")) {
            try IntentLedger.read(Array("place a bu\nended a\n".utf8))
        }
    }
}
