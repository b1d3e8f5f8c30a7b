#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes a report as one page of HTML that needs nothing else.
///
/// Frames travel as arrays of numbers in base64, and their texts as lines: a page with 200,000 frames opens in seconds.
public enum ReportPage {
    private struct Content: Encodable {
        var title: String
        var sources: [String]
        var notes: [String]
        var devices: [ReportModel.Device]
        var lanes: [ReportModel.Lane]
        var origin: Double
        var length: Double
        var count: Int
        var sent: String
        var taken: String
        var kinds: String
        var places: String
        var bands: [ReportModel.Band]
        var series: [Series]
        var failovers: [ReportModel.Failover]
        var rates: [ReportModel.Rates]
        var told: [ReportModel.Told]
    }

    private struct Series: Encodable {
        var name: String
        var group: String
        var times: String
        var values: String
    }

    /// The page, in UTF-8.
    public static func html(_ model: ReportModel, title: String, sources: [String]) -> [UInt8] {
        let frames = model.frames
        let content = Content(
            title: title, sources: sources, notes: model.notes, devices: model.devices, lanes: model.lanes,
            origin: Double(model.origin) / 1e6, length: model.milliseconds(model.end), count: frames.count,
            sent: base64(frames.map { model.milliseconds($0.sent) }),
            taken: base64(frames.map { frame in frame.received.map { Float(Double($0 - frame.sent) / 1e6) } ?? .nan }),
            kinds: base64(frames.map { $0.kind.rawValue | $0.fate.rawValue << 4 }),
            places: base64(frames.map { UInt8(truncatingIfNeeded: $0.lane << 1 | $0.sender) }), bands: model.bands,
            series: model.series.map { series in
                Series(
                    name: series.name, group: series.group,
                    times: base64(series.points.map { model.milliseconds($0.instant) }),
                    values: base64(series.points.map(\.value)))
            },
            failovers: model.failovers, rates: model.rates, told: model.told)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let data = (try? encoder.encode(content)).map { [UInt8]($0) } ?? Array("null".utf8)
        var page = Array("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n".utf8)
        page += Array("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n".utf8)
        page += Array("<title>\(escaped(title))</title>\n<style>\n\(PageStyle.text)</style>\n</head>\n".utf8)
        page += Array("<body>\n\(PageBody.text)<script type=\"application/json\" id=\"data\">".utf8)
        // The encoder writes every "/" as "\/", so that no text can end the element.
        page += data
        page += Array("</script>\n<script type=\"text/plain\" id=\"texts\">\n".utf8)
        for frame in frames {
            // Nothing that could end the element, or the line.
            for octet in frame.text.utf8 { page.append(octet == 0x3c ? 0x28 : octet < 32 ? 0x20 : octet) }
            page.append(10)
        }
        page += Array(
            "</script>\n<script>\n\(PageScript.data)\(PageScript.drawing)\(PageScript.controls)</script>\n".utf8)
        page += Array("</body>\n</html>\n".utf8)
        return page
    }

    private static func base64<Number>(_ numbers: [Number]) -> String {
        numbers.withUnsafeBytes { Data($0) }.base64EncodedString()
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
