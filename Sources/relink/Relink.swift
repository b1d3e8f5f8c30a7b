@main struct Relink { static func main() {} }
