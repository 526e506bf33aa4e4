public import OutcryComponents
public import OutcryKernel
public import OutcryMarket
import OutcryWire

/// The parser of one connection's messages: publishes what they say. A venue with many messages a second reads them as
/// its neighbors do, without a value in between.
public final class TemplateFeed: Feed {
    /// How many messages have come of each market: what the heartbeat looks at.
    public let pulse: Pulse
    private let instruments: [Instrument]

    /// Makes a feed of the markets of `instruments`.
    public init(_ instruments: [Instrument]) {
        self.instruments = instruments
        pulse = Pulse(instruments.map { Channel($0.name) })
    }

    /// Publishes what one text message says, under the connection's alias.
    public func message(_ text: Span<UInt8>, _ my: Context) {
        do throws(Stop) {
            try read(text, my)
        } catch {
            // One bad message is told and passed over; it never takes the feed down.
            pulse.noteOther()
            let words = StopWords(error, in: text)
            my.publish(.malformed, Malformed(problem: "\(words)", excerpt: text.excerpt()))
        }
    }

    private func read(_ text: Span<UInt8>, _ my: Context) throws(Stop) {
        let root = try text.root()
        if let name = try text.stringIfAny("subscribed", of: root) {
            pulse.noteOther()
            my.publish(.subscribed, Channel(name))
            return
        }
        let name = try text.string("market", of: root)
        guard let place = instruments.firstIndex(where: { $0.name == name }) else {
            return pulse.noteOther()
        }
        pulse.note(place)
        let instrument = instruments[place]
        let price = try text.units(text.need("price", of: root), of: instrument.quote)
        if let number = try text.find("trade", of: root) {
            my.publish(
                .trade,
                Trade(
                    venue: .template, instrument: instrument, id: try text.whole(number),
                    priceUnits: price,
                    quantityUnits: try text.units(
                        text.need("amount", of: root), of: instrument.base),
                    aggressor: nil, stamp: 0))
        } else {
            my.publish(
                .depth,
                DepthChange(
                    venue: .template, instrument: instrument,
                    side: try text.orderSide("side", of: root).rests, priceUnits: price,
                    quantityUnits: try text.units(text.need("total", of: root), of: instrument.base)
                ))
        }
    }
}
