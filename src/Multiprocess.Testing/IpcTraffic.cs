using System.Globalization;
using System.Text;

namespace Multiprocess;

/// <summary>
/// The traffic of one connection in both directions: a recording, or frames written by hand. Immutable.
/// </summary>
/// <remarks>
/// <see cref="IpcConnectionOptions.RecordFolder"/> creates recordings. The text has one frame per line: <c>&gt;</c> for
/// the client or <c>&lt;</c> for the server, then the bytes in hexadecimal, or <c>hello</c> for the Hello of the
/// replaying side. Spaces between digits and empty lines are ignored; lines that begin with <c>#</c> are comments.
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

    /// <summary>Creates traffic from frames, in the order in which they were sent.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="comments">Comments on the traffic, one line each.</param>
    public IpcTraffic(IEnumerable<IpcTrafficFrame> frames, IEnumerable<string>? comments = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        Frames = [.. frames];
        Comments = [.. comments ?? []];
    }

    /// <summary>The frames, in the order in which the recording end saw them.</summary>
    public IReadOnlyList<IpcTrafficFrame> Frames { get; }

    /// <summary>The comments, without the <c>#</c>. A recording's description of itself comes first.</summary>
    public IReadOnlyList<string> Comments { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">
    /// A line is not valid traffic; the message contains the file, the line number and the reason.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied.</exception>
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

    /// <summary>Parses text.</summary>
    /// <exception cref="FormatException">
    /// A line is not valid traffic; the message contains the line number and the reason.
    /// </exception>
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
                    throw NoTraffic(
                        number, $"expected '>', '<' or '#', got '{IpcText.Escape(line[..1].ToString())}'");
            }
        }

        return new IpcTraffic(frames, comments);
    }

    /// <summary>
    /// Returns the traffic as text that <see cref="Parse"/> accepts: comments first, then the frames.
    /// </summary>
    public string Format()
    {
        var text = new StringBuilder();
        AppendComments(text);
        foreach (IpcTrafficFrame frame in Frames)
        {
            text.Append(frame.IsFromClient ? "> " : "< ")
                .Append(frame.IsAnyHello ? Hello : Convert.ToHexStringLower(frame.Bytes.Span))
                .Append('\n');
        }

        return text.ToString();
    }

    /// <summary>
    /// Returns the traffic in readable form: one line for each frame, see <see cref="IpcTrafficFrame.ToString"/>.
    /// </summary>
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

    /// <summary>
    /// Replays what the client sent against an implementation of the contract, over a connection in memory.
    /// </summary>
    /// <typeparam name="T">The contract of the root.</typeparam>
    /// <param name="root">The root that answers.</param>
    /// <param name="options">How to replay.</param>
    /// <remarks>
    /// <para>
    /// Before each frame, the replay waits until as many calls and answers have arrived as in the recording. When the
    /// recording ends without a Goodbye, the replay waits for the answers to all calls and then sends a Goodbye. Each
    /// wait is bounded by <see cref="IpcReplayOptions.Patience"/>.
    /// </para>
    /// <para>
    /// The client's Hello is replaced: version, contract and limits are those of this process. Numbers of requests,
    /// threads and objects are sent as recorded. They stay valid as long as the server exports its objects in the same
    /// order, which calls that ran in parallel may change.
    /// </para>
    /// <para>
    /// Calls run on separate threads, as in a server. Methods that still run at the end have seen their token
    /// cancelled.
    /// </para>
    /// </remarks>
    /// <returns>The result. An error of the connection is part of the result, and is not thrown.</returns>
    public IpcReplay Replay<T>(T root, IpcReplayOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(root);
        return Replay<T>(_ => root, options);
    }

    /// <summary>
    /// Replays what the client sent against a root that a factory creates, as a server does. The factory receives the
    /// server's end.
    /// </summary>
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
