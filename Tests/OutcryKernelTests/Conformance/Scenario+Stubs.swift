extension Scenario { static let questions: [Scenario] = [] }
extension Scenario { static let failures: [Scenario] = [] }
extension Scenario { static let workflows: [Scenario] = [] }
extension Scenario { static let streams: [Scenario] = [] }
