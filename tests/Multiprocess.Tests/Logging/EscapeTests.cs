using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Logging;

/// <summary>
/// Text from elsewhere can neither forge a line nor speak to a terminal: in no log call, and in no message of ours.
/// </summary>
public sealed class EscapeTests
{
    private const string Hostile =
        "a\r\n2026-01-01 [Information] forged\u001b[2J\u0007\u0085\u2028\u202e\u200b\ud800 b";

    private static readonly MethodInfo[] s_calls =
    [
        .. typeof(IpcLog).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(
                method => method.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(
                    ILogger) && method.GetParameters().All(parameter => !parameter.ParameterType.IsByRefLike)),
    ];

    [TestCase("plain text", "plain text")]
    [TestCase("Grüße, 世界, 😀 → …", "Grüße, 世界, 😀 → …")]
    [TestCase("C:\\temp\\x", "C:\\temp\\x")]
    [TestCase("a\nb", "a\\u000ab")]
    [TestCase("\u001b[31m", "\\u001b[31m")]
    [TestCase("a\u009bb", "a\\u009bb")]
    [TestCase("\u202egpj.exe", "\\u202egpj.exe")]
    [TestCase("x\u2028y\u2029z", "x\\u2028y\\u2029z")]
    [TestCase("\ufeff\u200b", "\\ufeff\\u200b")]
    [TestCase("", "")]
    public void Escaped_text_is_one_line_that_a_terminal_only_shows(string text, string shown)
    {
        Assert.That(IpcText.Escape(text), Is.EqualTo(shown));
        Assert.That(IpcText.Escape(IpcText.Escape(text)), Is.EqualTo(shown), "once more changes nothing");
        AssertHarmless(IpcText.Escape(text));
    }

    [Test]
    public void Lone_surrogates_are_escaped()
        => Assert.That(IpcText.Escape("a\ud800b\udc00"), Is.EqualTo("a\\ud800b\\udc00"));

    [Test]
    public void Nothing_is_nothing()
    {
        Assert.That(IpcText.Escape(null), Is.Empty);
        Assert.That(IpcText.EscapeLines(null), Is.Empty);
        Assert.That(() => IpcText.Escape("a", 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase("abcdef", 4, "abc…")]
    [TestCase("abcd", 4, "abcd")]
    [TestCase("ab\ncd", 4, "ab…")]
    [TestCase("abc\n", 4, "abc…")]
    [TestCase("\n", 1, "…")]
    [TestCase("abc😀", 4, "abc…")]
    public void Long_text_is_cut_at_whole_characters(string text, int length, string shown)
        => Assert.That(IpcText.Escape(text, length), Is.EqualTo(shown));

    [TestCase("a\n\tb\r\nc", "a\n\tb\nc")]
    [TestCase("a\rb\u001bc", "a\\u000db\\u001bc")]
    public void Lines_stay_lines_where_they_may(string text, string shown)
        => Assert.That(IpcText.EscapeLines(text), Is.EqualTo(shown));

    [TestCaseSource(nameof(s_calls))]
    public void No_log_call_lets_a_text_through(MethodInfo call)
    {
        using var log = new TestLog();
        ILogger logger = IpcLog.Create(log);
        object?[] arguments = [.. call.GetParameters().Select(parameter => Make(parameter.ParameterType, logger))];

        // A worker bears the name that its peer's thread has.
        TestThread.Start(() => call.Invoke(null, arguments), Hostile).Join();

        LogEntry entry = log.Entries.Single();
        AssertHarmless(entry.Text);
        foreach (object? value in entry.Values.Values)
        {
            AssertHarmless($"{value}");
        }

        if (entry.Exception is { } exception)
        {
            AssertHarmless(exception.Message);
            string[] lines = exception.ToString().Split('\n');
            Assert.That(lines[0], Does.StartWith("System."));
            Assert.That(lines.Skip(1), Has.All.StartsWith(" "), "only lines of a stack");
            Array.ForEach(lines, AssertHarmless);
        }
    }

    [Test]
    public void Every_log_call_is_tried()
        => Assert.That(
            s_calls.Select(call => call.Name).Append(nameof(IpcLog.Payload)).Distinct(),
            Is.EquivalentTo(typeof(IpcLog)
                .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)
                .Select(method => method.Name)));

    [Test]
    public void An_exception_whose_texts_do_no_harm_is_logged_as_it_is()
    {
        var exception = Assert.Catch(
            () => throw new FormatException("no date", new InvalidOperationException("inner")));

        Assert.That(LoggedException.Of(exception!), Is.SameAs(exception));
    }

    [Test]
    public void A_peers_stack_that_forges_lines_is_logged_with_its_lines_indented()
    {
        var exception = new FormatException("no date");
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.SetRemoteStackTrace(
            exception, "at X\n2026-01-01 [Information] forged");

        string logged = LoggedException.Of(exception).ToString();

        Assert.That(logged.Split('\n').Skip(1), Is.Not.Empty.And.All.StartsWith("   "));
    }

    [Test]
    public void Messages_of_our_own_exceptions_are_escaped()
    {
        Exception[] exceptions =
        [
            new IpcException(IpcErrorKind.Refused, Hostile),
            new IpcDisconnectedException(Hostile),
            new IpcTimeoutException(Hostile),
            new IpcProtocolException(Hostile),
            new IpcRemoteException(Hostile, Hostile, null),
            Assert.Catch(() => IpcAddress.Parse($"nonsense:{Hostile}"))!,
            Assert.Catch(() => IpcAddress.Parse($"tcp:{Hostile}"))!,
            Assert.Catch(
                () => IpcChildProcess.Spawn<IRaw>(
                    $"/nowhere/{Hostile.Replace("\ud800", "", StringComparison.Ordinal)}"))!,
            Assert.Catch(
                () => IpcConnection.Connect<IRaw>(
                    IpcAddress.Unix($"/nowhere/{Hostile.Replace("\ud800", "", StringComparison.Ordinal)}")))!,
            Assert.Catch(
                () => IpcServer.Listen<IRaw>(
                    IpcAddress.Unix($"/proc/{Hostile.Replace("\ud800", "", StringComparison.Ordinal)}"),
                    _ => new RawRoot()))!,
        ];

        Assert.That(exceptions.Select(exception => exception.Message), Has.None.Contains("\n"));
        Array.ForEach(exceptions, exception => AssertHarmless(exception.Message));
        Assert.That(
            new IpcRemoteException("type", "a\nb", null).RemoteMessage, Is.EqualTo("a\nb"), "the text itself is there");
    }

    [Test]
    public void A_childs_last_words_are_quoted_in_lines_of_their_own()
    {
        IpcException exception = IpcException.Quoting(
            IpcErrorKind.SpawnFailed, "x\ny ended.", "one\n2026-01-01 forged\u001b[2J", null);

        Assert.That(exception.Message, Is.EqualTo("x\\u000ay ended.\n  one\n  2026-01-01 forged\\u001b[2J"));
    }

    [Test]
    public void What_a_peer_says_of_itself_is_escaped_in_the_log_and_in_exceptions(
        [Values("goodbye", "contract", "thread")] string what)
    {
        using var log = new TestLog();
        var options = new IpcConnectionOptions { LoggerFactory = log };
        (global::Multiprocess.Transports.Transport raw, global::Multiprocess.Transports.Transport real) =
            RawPeer.MakeTransports(IpcTestTransport.SocketPair);
        using var peer = new RawPeer(raw);
        TestThread<ServedConnection?> serving = TestThread.Start(() => Open(real, options));
        global::Multiprocess.Objects.ContractBinding raws = global::Multiprocess.Objects.ContractBinding<IRaw>.Instance;
        peer.Send(
            new Hello(
                HelloMessage.CurrentVersion,
                1,
                null,
                0,
                what == "contract" ? "A\nforged\u001b[2J" : raws.Name,
                raws.Fingerprint,
                64 * 1024 * 1024).Write);
        switch (what)
        {
            case "goodbye":
                peer.Send(
                    (ref MessagePackWriter writer) => GoodbyeMessage.Write(
                        ref writer, IpcErrorKind.Protocol, "bye\nforged\u001b[2J"));
                break;
            case "thread":
                peer.Send(
                    (ref MessagePackWriter writer) => ThreadStartedMessage.Write(ref writer, 1, "me\nforged\u001b[2J"));
                peer.SendCall(1, 1, 0, 1, 1, (ref MessagePackWriter writer) =>
                {
                    writer.WriteArrayHeader(2);
                    writer.Write(1);
                    writer.Write(2);
                });
                Patience.Until(() => log.Entries.Any(entry => entry.Id == 13), "the call was answered");
                break;
        }

        ServedConnection? server = serving.Join();
        peer.Dispose();
        if (server is not null)
        {
            Patience.Until(() => server.Completion.IsCompleted, "the connection has ended");
            AssertHarmless(server.Completion.Exception?.InnerException?.Message ?? string.Empty);
            server.Dispose();
        }

        Patience.Until(() => what == "contract" || log.Entries.Any(entry => entry.Id == 3), "the end is logged");
        Assert.That(
            what == "contract" || log.Entries.Any(entry => entry.Text.Contains("forged", StringComparison.Ordinal)),
            Is.True,
            "the text is there");
        foreach (LogEntry entry in log.Entries)
        {
            AssertHarmless(entry.Text);
        }
    }

    private static ServedConnection? Open(
        global::Multiprocess.Transports.Transport transport, IpcConnectionOptions options)
    {
        try
        {
            return ServedConnection.Open<IRaw>(transport, options, _ => new RawRoot());
        }
        catch (IpcException refused)
        {
            AssertHarmless(refused.Message);
            return null;
        }
    }

    private static object? Make(Type type, ILogger logger)
        => type == typeof(ILogger) ? logger
            : type == typeof(string) ? Hostile
            : type == typeof(IpcPeer) ? new IpcPeer(1, 2, 3) { CertificateSubject = Hostile }
            : type == typeof(Exception) ? new InvalidOperationException(
                Hostile, new AggregateException(Hostile, new FormatException(Hostile)))
            : Activator.CreateInstance(type);

    [SuppressMessage("Globalization", "CA1305", Justification = "Numbers of characters.")]
    private static void AssertHarmless(string text)
        => Assert.That(
            text.EnumerateRunes()
                .Where(
                    rune
                        => System.Text.Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control
                            or System.Globalization.UnicodeCategory.Format
                            or System.Globalization.UnicodeCategory.LineSeparator
                            or System.Globalization.UnicodeCategory.ParagraphSeparator
                            || rune.Value == 0xfffd),
            Is.Empty,
            text);
}
