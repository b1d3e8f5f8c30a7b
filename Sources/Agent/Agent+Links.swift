import EventLoop
import Logging
import RadioLinks
import SessionCore

/// The links: frames out and in, and what becomes of their radios.
extension Agent {
    // MARK: Frames

    /// Lets a frame wait for others, at most until the end of the turn: the kernel takes many together at less cost.
    func transmit(_ mpdu: Span<UInt8>, number: TransmissionNumber, on identifier: LinkIdentifier) {
        guard let link = link(identifier) else { return }
        guard link.radio != nil else { return link.backlog.drop() }
        link.backlog.append(number, mpdu)
        if link.backlog.frames.count >= FrameBatch.mostAtOnce, !link.backlog.isRefused { sendBacklog(of: link) }
    }

    /// Hands the radios what waits for them, but for those that had no room the last time.
    func sendFrames() {
        for link in links where !link.backlog.frames.isEmpty && !link.backlog.isRefused { sendBacklog(of: link) }
    }

    /// Offers the radios again what they could not take.
    func sendBacklogs() {
        backlogInstant = nil
        for link in links { sendBacklog(of: link) }
    }

    private func sendBacklog(of link: ManagedLink) {
        while let radio = link.radio, !link.backlog.frames.isEmpty {
            do throws(RadioError) {
                let taken = try radio.send(link.backlog.frames)
                link.backlog.taken(taken)
            } catch .frameTooLong(let interface, let length, let mtu) {
                link.backlog.dropFirst()
                log.error("\(RadioError.frameTooLong(interface: interface, length: length, mtu: mtu))")
            } catch {
                return fail(link, error)
            }
            guard !link.backlog.isRefused else {
                backlogInstant = backlogInstant ?? Self.now + Self.backlogInterval
                return
            }
        }
    }

    /// Takes in what a radio received and reported, some at a time.
    ///
    /// - Parameter isWhole: whether all that has come is wanted, however long that takes.
    func receive(from link: ManagedLink, isWhole: Bool = false) {
        let end = Self.now + Self.receiveTime
        for _ in 0..<(isWhole ? MonitorRadio.mostWaiting : Self.receiveLimit) / Self.receiveStep {
            guard receiveStep(from: link) == Self.receiveStep, isWhole || Self.now < end else { return }
        }
    }

    /// - Returns: how many packets there were.
    private func receiveStep(from link: ManagedLink) -> Int {
        guard let radio = link.radio else { return 0 }
        var count = 0
        do throws(RadioError) {
            let recorder = recorder
            try takeIn { engine, now throws(RadioError) in
                count = try radio.receive(limit: Self.receiveStep) { indication, mpdu in
                    switch indication {
                    case .frame(let signal, _):
                        let carriesPayload = engine.frameReceived(
                            mpdu, on: link.identifier, signal: signal, now: now)
                        recorder?.frame(mpdu, link.identifier, signal, carriesPayload, now)
                    case .transmitted(let number, let acknowledged):
                        recorder?.input(
                            .transmissionReported(link: link.identifier, number: number, acknowledged: acknowledged),
                            now)
                        engine.transmissionReported(
                            number, on: link.identifier, acknowledged: acknowledged, now: now)
                    }
                }
            }
        } catch {
            fail(link, error)
        }
        return count
    }

    // MARK: Radios

    /// Makes all radios for the first time. One that is missing may come later; not to be allowed is the end.
    ///
    /// Making a radio takes a while in which nothing is heard, so the core hears of the links when all are made.
    func openAllAtStart() throws(AgentError) {
        for link in links {
            do throws(RadioError) {
                try open(link)
            } catch .permissionDenied(let action) {
                throw .radio(.permissionDenied(action: action))
            } catch {
                log.error("link \(link.identifier): \(error)")
            }
        }
        for link in links { announce(link) }
    }

    /// Makes a radio again.
    func reopen(_ link: ManagedLink) {
        stopWatching(link)
        do throws(RadioError) {
            try open(link)
        } catch {
            log.error("link \(link.identifier) stays down: \(error)")
            return
        }
        announce(link)
    }

    private func open(_ link: ManagedLink) throws(RadioError) {
        let radio = try link.open(makeRadio, now: Self.now)
        // Making the interface set it down and up. The kernel has told of that by now, and it is of the past.
        radioEvents.receive { event in
            if event.interfaceIndex.map(radio.owns) != true { self.handle(event) }
        }
        for note in radio.notes { log.notice("link \(link.identifier): \(note)") }
        do {
            tokens[link.identifier] = try loop.register(radio.readinessDescriptor) { [unowned self, unowned link] _ in
                receive(from: link)
            }
        } catch {
            log.error("link \(link.identifier): \(error)")
            link.close()
            return
        }
        let properties = radio.properties
        let acknowledgment = properties.acknowledgment == .mac ? "the MAC" : "frames"
        log.info(
            """
            link \(link.identifier): \(link.configuration.interface) on \(radio.wiphy), \
            \(properties.frequency) MHz, \(properties.address), held as \(radio.way.rawValue), acknowledgments from \(acknowledgment)
            """)
    }

    /// Tells the core that a link can be used. The radio is checked soon: `open` took all events of its interfaces for those of the making,
    /// and one of them may have been another.
    private func announce(_ link: ManagedLink) {
        guard let radio = link.radio else { return }
        setPeers(of: link)
        handle(.linkUp(link.identifier, radio.properties))
        link.checkSoon(now: Self.now)
    }

    /// Lets a radio know the peers' radios, before the first frame to a new one.
    func setPeers(of link: ManagedLink) {
        do throws(RadioError) { try link.radio?.setPeers(withEngine { $0.peerRadios(on: link.identifier) }) } catch {
            // The next check of the radio shows the cause.
            log.debug("link \(link.identifier): \(error)")
            link.checkSoon(now: Self.now)
        }
    }

    /// Looks whether a radio is still as it was made.
    func check(_ link: ManagedLink) {
        do throws(RadioError) { try link.check() } catch { fail(link, error) }
    }

    /// Takes in what the kernel tells about radios.
    func handle(_ event: RadioEvent) {
        log.debug("kernel: \(event)")
        for link in links {
            switch link.reaction(to: event) {
            case .none: break
            case .lost(let cause, let keepsRadio): lose(link, cause, keepsRadio: keepsRadio)
            case .check: check(link)
            case .retry: link.retrySoon(now: Self.now)
            }
        }
    }

    private func fail(_ link: ManagedLink, _ error: RadioError) {
        log.error("link \(link.identifier): \(error)")
        let cause = error.linkDownCause
        lose(link, cause, problem: error, keepsRadio: cause == .interfaceDown || cause == .channelChanged)
    }

    private func lose(
        _ link: ManagedLink, _ cause: LinkDownCause, problem: RadioError? = nil, keepsRadio: Bool
    ) {
        stopWatching(link)
        link.lose(cause, problem: problem, keepsRadio: keepsRadio)
        // That an interface is down is somebody's will, and the kernel tells when that changes.
        if cause != .interfaceDown { link.retryLater(now: Self.now) }
        handle(.linkDown(link.identifier, cause))
    }

    /// Forgets a radio's descriptor, before the radio goes.
    func stopWatching(_ link: ManagedLink) {
        tokens.removeValue(forKey: link.identifier).map(loop.remove)
    }

    func link(_ identifier: LinkIdentifier) -> ManagedLink? {
        links.first { $0.identifier == identifier }
    }
}
