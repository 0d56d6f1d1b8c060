using System.Globalization;
using System.Text;

namespace Multiprocess;

/// <summary>What went over one connection, in both directions: a recording, or traffic that somebody wrote by hand. Immutable.</summary>
/// <remarks>
/// <see cref="IpcConnectionOptions.RecordFolder"/> makes recordings. As text it is one frame a line: <c>&gt;</c> for
/// the client and <c>&lt;</c> for the server, then the bytes in hexadecimal, or <c>hello</c> for the Hello of whoever
/// replays it. Spaces between digits and empty lines mean nothing; lines that begin with <c>#</c> are comments.
/// </remarks>
/// <example>
/// A bug report comes with a recording:
/// <code>
/// IpcTraffic traffic = IpcTraffic.Load("20260102T030405678Z-4711-1.ipc.txt");
/// Console.WriteLine(traffic.Describe());
/// IpcReplay replay = traffic.Replay&lt;ICalculator&gt;(new Calculator());
/// Assert.That(replay.Error, Is.Null);
/// </code>
/// </example>
public sealed class IpcTraffic
{
    private const string Hello = "hello";

    /// <summary>Makes traffic of frames, in the order in which they crossed.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="comments">What is to be said about it, one line each.</param>
    public IpcTraffic(IEnumerable<IpcTrafficFrame> frames, IEnumerable<string>? comments = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        Frames = [.. frames];
        Comments = [.. comments ?? []];
    }

    /// <summary>The frames, in the order in which the end that recorded them saw them.</summary>
    public IReadOnlyList<IpcTrafficFrame> Frames { get; }

    /// <summary>The comments, without the <c>#</c>: what a recording says of itself comes first.</summary>
    public IReadOnlyList<string> Comments { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">A line is no traffic; the message has file, number and reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static IpcTraffic Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (FormatException failure)
        {
            throw new FormatException($"{IpcText.Escape(path)}: {IpcText.Escape(failure.Message)}", failure);
        }
    }

    /// <summary>Reads text.</summary>
    /// <exception cref="FormatException">A line is no traffic; the message has its number and the reason.</exception>
    public static IpcTraffic Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<IpcTrafficFrame> frames = [];
        List<string> comments = [];
        int number = 0;
        foreach (ReadOnlySpan<char> whole in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = whole.Trim();
            if (line.IsEmpty)
            {
                continue;
            }

            switch (line[0])
            {
                case '#':
                    comments.Add(line[1..].Trim().ToString());
                    break;
                case '>' or '<':
                    frames.Add(ParseFrame(line, number));
                    break;
                default:
                    throw NoTraffic(number, $"expected '>', '<' or '#', found '{IpcText.Escape(line[..1].ToString())}'");
            }
        }

        return new IpcTraffic(frames, comments);
    }

    /// <summary>The traffic as text, which <see cref="Parse"/> reads: comments first, then the frames.</summary>
    public string Format()
    {
        var text = new StringBuilder();
        AppendComments(text);
        foreach (IpcTrafficFrame frame in Frames)
        {
            text.Append(frame.IsFromClient ? "> " : "< ").Append(frame.IsAnyHello ? Hello : Convert.ToHexStringLower(frame.Bytes.Span)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The traffic for people: one line for each frame, see <see cref="IpcTrafficFrame.ToString"/>.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        AppendComments(text);
        foreach (IpcTrafficFrame frame in Frames)
        {
            text.Append(frame).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Plays what the client sent to an implementation of the contract, over a connection in memory.</summary>
    /// <typeparam name="T">The contract of the root.</typeparam>
    /// <param name="root">What answers.</param>
    /// <param name="options">How to play.</param>
    /// <remarks>
    /// Before each frame it is waited until as many calls and answers came as in the recording; where the recording ends
    /// without a Goodbye, for the answers to all calls, and then one is said. What the client said of
    /// itself in its Hello is replaced: version, contract and limits are those of this process. Numbers of requests,
    /// threads and objects are sent as they were recorded; they mean the same as long as the server hands out its
    /// objects in the same order, which calls that ran side by side may change. Bounded by
    /// <see cref="IpcReplayOptions.Patience"/> for each wait; methods that still run at the end have seen their token
    /// cancelled. Calls of the user's interface run on threads of their own, as in a server.
    /// </remarks>
    /// <returns>What came back. That the connection ended in an error is part of it, and no exception.</returns>
    public IpcReplay Replay<T>(T root, IpcReplayOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(root);
        return Replay<T>(_ => root, options);
    }

    /// <summary>Plays what the client sent to a root that is made as a server makes it: the factory receives the server's end.</summary>
    /// <inheritdoc cref="Replay{T}(T, IpcReplayOptions?)"/>
    public IpcReplay Replay<T>(Func<IpcConnection, T> makeRoot, IpcReplayOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(makeRoot);
        return Replayer.Run(this, makeRoot, options ?? new IpcReplayOptions());
    }

    private static IpcTrafficFrame ParseFrame(ReadOnlySpan<char> line, int number)
    {
        bool isFromClient = line[0] == '>';
        string rest = line[1..].ToString().Replace(" ", string.Empty, StringComparison.Ordinal);
        if (rest == Hello)
        {
            return IpcTrafficFrame.Hello(isFromClient);
        }

        try
        {
            return new IpcTrafficFrame(isFromClient, Convert.FromHexString(rest));
        }
        catch (FormatException failure)
        {
            throw NoTraffic(number, $"expected pairs of hexadecimal digits, or '{Hello}': {failure.Message}", failure);
        }
    }

    private static FormatException NoTraffic(int line, string why, Exception? inner = null)
        => new(string.Create(CultureInfo.InvariantCulture, $"Line {line} is no traffic: {why}"), inner);

    private void AppendComments(StringBuilder text)
    {
        foreach (string comment in Comments)
        {
            text.Append("# ").Append(comment.ReplaceLineEndings(" ")).Append('\n');
        }
    }
}
