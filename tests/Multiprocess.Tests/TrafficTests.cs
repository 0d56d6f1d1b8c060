using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;

namespace Multiprocess.Tests;

/// <summary>Recordings as text, in words, and replayed.</summary>
[CancelAfter(60_000)]
public sealed class TrafficTests
{
    // IRaw.Add(2, 3) on thread 1, and what ends a session.
    private const string Add = "> 0b 00 00 00 98 01 00 01 01 00 01 01 92 02 03";
    private const string Five = "< 07 00 00 00 95 02 00 ff 01 91 05";
    private const string Goodbye = "> 04 00 00 00 93 08 00 a0";

    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    private SocketDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new SocketDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase("> 0")]
    [TestCase("> xy")]
    [TestCase("<zz")]
    [TestCase("> hello you")]
    [TestCase("00 01")]
    [TestCase("= 00")]
    public void A_line_that_is_no_traffic_is_refused_with_its_number(string line)
        => Assert.That(
            () => IpcTraffic.Parse($"# comment\n\n> 00\n{line}\n"),
            Throws.TypeOf<FormatException>().With.Message.StartsWith("Line 4 is no traffic: expected "));

    [Test]
    public void A_file_that_is_no_traffic_is_named()
    {
        File.WriteAllText(_directory["x.txt"], "nonsense");

        Assert.That(
            () => IpcTraffic.Load(_directory["x.txt"]),
            Throws.TypeOf<FormatException>().With.Message.StartsWith($"{_directory["x.txt"]}: Line 1 is no traffic: "));
        Assert.That(() => IpcTraffic.Load(_directory["missing.txt"]), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void Text_is_written_again_without_what_means_nothing()
    {
        const string text = "# first\n#second\n\r\n>0a 0B\r\n < hello\n<\n> \n# last";

        IpcTraffic traffic = IpcTraffic.Parse(text);

        Assert.That(traffic.Format(), Is.EqualTo("# first\n# second\n# last\n> 0a0b\n< hello\n< \n> \n"));
        Assert.That(IpcTraffic.Parse(traffic.Format()).Format(), Is.EqualTo(traffic.Format()));
        Assert.That(traffic.Comments, Is.EqualTo(new[] { "first", "second", "last" }));
        Assert.That(
            traffic.Frames.Select(frame => (frame.IsFromClient, frame.IsAnyHello, frame.Bytes.Length)),
            Is.EqualTo(new[]
            {
                (true, false, 2), (false, true, 0), (false, false, 0), (true, false, 0),
            }));
    }

    [Test]
    public void A_comment_of_several_lines_stays_a_comment()
        => Assert.That(
            new IpcTraffic([], ["one\n> 00", "two\r\nthree"]).Format(), Is.EqualTo("# one > 00\n# two three\n"));

    [TestCase("> hello", "> Hello")]
    [TestCase(Add, "> Call thread=1 request=1 target=1 method=0x00000001 arguments=[2, 3]")]
    [TestCase(Five, "< Return thread=-1 request=1 results=[5]")]
    [TestCase(Goodbye, "> Goodbye kind=Disconnected reason=\"\"")]
    [TestCase(
        "> 0c 00 00 00 99 01 00 01 01 00 01 01 92 02 03 07",
        "> Call thread=1 request=1 target=1 method=0x00000001 arguments=[2, 3] and 1 bytes more")]
    [TestCase("< 09 00 00 00 93 08 00 a5 1b 5b 32 4a 22", "< Goodbye kind=Disconnected reason=\"\\u001b[2J\\\"\"")]
    [TestCase("< 09 00 00 00 95 02 00 ff 01 91 d4 05 07", "< Return thread=-1 request=1 results=[ext(5, h'07')]")]
    [TestCase(
        "< 0f 00 00 00 95 02 00 ff 01 91 cf ff ff ff ff ff ff ff ff",
        "< Return thread=-1 request=1 results=[18446744073709551615]")]
    [TestCase("< 05 00 00 00 95 02", "< no message, 6 bytes: 050000009502 (its length is not what it says)")]
    [TestCase("<", "< no message, 0 bytes:  (its length is not what it says)")]
    public void A_frame_is_one_line_for_people(string line, string expected)
        => Assert.That(IpcTraffic.Parse(line).Describe(), Is.EqualTo(expected + "\n"));

    [TestCase("> 01 00 00 00 c1")]
    [TestCase("> 02 00 00 00 92 2a")]
    [TestCase("> 02 00 00 00 95 02")]
    [TestCase("> 07 00 00 00 95 02 00 ff 01 91 c1")]
    [TestCase("> 07 00 00 00 95 02 00 ff 01 91 95")]
    public void A_frame_that_is_no_message_is_shown_with_why(string line)
        => Assert.That(
            IpcTraffic.Parse(line).Describe(),
            Does.StartWith($"> no message, {(line.Length - 1) / 3} bytes: {line[2..].Replace(" ", "")} ("));

    [Test]
    public void What_nests_without_end_and_what_is_long_is_shown_in_short()
    {
        byte[] nested = [0x95, 0x02, 0x00, 0xff, 0x01, .. Enumerable.Repeat((byte)0x91, 1_000_000), 0xc0];
        byte[] text = [0x95, 0x02, 0x00, 0xff, 0x01, 0x91, 0xda, 0x20, 0x00, .. Enumerable.Repeat((byte)'x', 0x2000)];

        foreach (byte[] contents in new[] { nested, text })
        {
            string shown = new IpcTrafficFrame(
                false, (byte[])[.. BitConverter.GetBytes(contents.Length), .. contents]).ToString();

            Assert.That(shown, Has.Length.LessThan(1100).And.EndsWith(" characters)"));
        }
    }

    [Test]
    public void A_recording_that_is_replayed_gives_the_same_answers()
    {
        IpcTraffic recorded = Record(root =>
        {
            Assert.That(root.Call(4), Is.EqualTo(4));
            Assert.That(root.CallBack(5, x => root.Call(x) + 1), Is.EqualTo(6));
            Assert.That(() => root.Call(13), Throws.TypeOf<FormatException>());
            Assert.That(root.CallAsync(8).GetAwaiter().GetResult(), Is.EqualTo(8));
            root.Post(1);
            Assert.That(root.CallWithListener(new Listener()), Is.EqualTo(1));
        });

        IpcTraffic read = IpcTraffic.Parse(recorded.Format());
        IpcReplay replay = read.Replay<IStage>(
            MakeStage(), new IpcReplayOptions { Server = new IpcConnectionOptions { SendStackTraces = false } });

        Assert.That(replay.Error, Is.Null);
        Assert.That(replay.MissingAnswers, Is.Zero);
        Assert.That(Answers(replay.Answers), Is.EqualTo(Answers(recorded.Frames.Where(frame => !frame.IsFromClient))));
        Assert.That(Answers(replay.Traffic.Frames), Is.EqualTo(Answers(recorded.Frames)), "and in the same order");
        Assert.That(Answers(replay.Answers), Has.Some.Contain("Error").And.Some.Contain("Call"));
    }

    [Test]
    public void Another_implementation_gives_its_own_answers()
    {
        IpcTraffic recorded = Record(root => root.Call(4));

        IpcReplay replay = recorded.Replay<IStage>(new Stage { OnCall = x => x * 100 / 3 });

        Assert.That(Answers(replay.Answers), Is.EqualTo(new[] { "< Return thread=-1 request=1 results=[133]" }));
        Assert.That(replay.Error, Is.Null);
    }

    [Test]
    public void Hello_is_the_replaying_versions_own([Values(
        "> hello",
        "> 02 00 00 00 92 00",
        "> 11 00 00 00 99 00 ac 6d 75 6c 74 69 70 72 6f 63 65 73 73 63 01")] string hello)
    {
        IpcReplay replay = IpcTraffic.Parse($"{hello}\n< hello\n{Add}\n{Five}\n{Goodbye}").Replay<IRaw>(new RawRoot());

        Assert.That(replay.Error, Is.Null);
        Assert.That(Answers(replay.Answers), Is.EqualTo(Answers(IpcTraffic.Parse(Five).Frames)));
    }

    [Test]
    public void A_recording_that_ends_in_a_call_is_replayed_until_it_is_answered()
    {
        IpcReplay replay = IpcTraffic.Parse($"> hello\n< hello\n{Add}").Replay<IRaw>(new RawRoot());

        Assert.That(replay.Error, Is.Null);
        Assert.That(replay.MissingAnswers, Is.Zero);
        Assert.That(Answers(replay.Answers), Is.EqualTo(Answers(IpcTraffic.Parse(Five).Frames)));
        Assert.That(replay.Traffic.Frames[^1].Type, Is.EqualTo(MessageType.Goodbye));
    }

    [Test]
    public void Answers_that_do_not_come_are_waited_for_with_patience_and_counted()
    {
        const string second = "> 0b 00 00 00 98 01 00 01 02 00 01 01 92 02 04";
        const string six = "< 07 00 00 00 95 02 00 ff 02 91 06";

        IpcReplay replay =
            IpcTraffic.Parse($"> hello\n< hello\n{Add}\n{Five}\n{Five}\n{second}\n{six}\n{Goodbye}").Replay<IRaw>(
                new RawRoot(), new IpcReplayOptions { Patience = s_short });

        Assert.That(replay.MissingAnswers, Is.EqualTo(1));
        Assert.That(Answers(replay.Answers), Is.EqualTo(Answers(IpcTraffic.Parse($"{Five}\n{six}").Frames)));
        Assert.That(replay.Error, Is.Null);
    }

    [Test]
    public void Messages_that_nobody_waits_for_are_not_missed()
    {
        IpcReplay replay = IpcTraffic.Parse(
            $"> hello\n< hello\n< 04 00 00 00 93 05 02 01\n< 03 00 00 00 92 07 01\n{Add}\n{Five}\n{Goodbye}")
            .Replay<IRaw>(new RawRoot(), new IpcReplayOptions { Patience = s_short });

        Assert.That(replay.MissingAnswers, Is.Zero);
    }

    [Test]
    public void A_recording_that_breaks_the_protocol_ends_in_its_error()
    {
        // An answer to a request that is not open.
        IpcReplay replay = IpcTraffic.Parse(
            $"> hello\n< hello\n> 07 00 00 00 95 02 00 01 07 91 05\n{Add}\n{Five}\n{Goodbye}")
            .Replay<IRaw>(new RawRoot());

        Assert.That(replay.Error, Is.TypeOf<IpcProtocolException>());
        Assert.That(replay.Answers.Last().Type, Is.EqualTo(MessageType.Goodbye));
        Assert.That(replay.MissingAnswers, Is.AtMost(1));
    }

    [Test]
    public void What_the_factory_throws_is_the_error()
    {
        IpcReplay replay = IpcTraffic.Parse($"> hello\n< hello\n{Add}\n{Five}").Replay<IRaw>(
            (IpcConnection _) => throw new InvalidOperationException("no root"));

        Assert.That(replay.Error, Is.TypeOf<InvalidOperationException>().With.Message.EqualTo("no root"));
        Assert.That(replay.MissingAnswers, Is.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void Patience_has_a_range(int milliseconds)
        => Assert.That(
            () => new IpcReplayOptions { Patience = TimeSpan.FromMilliseconds(milliseconds) },
            Throws.TypeOf<ArgumentOutOfRangeException>());

    private static Stage MakeStage() => new() { OnCall = x => x == 13 ? throw new FormatException("thirteen") : x };

    // Hellos have a process id in them, and Releases come when garbage was collected.
    private static string[] Answers(IEnumerable<IpcTrafficFrame> frames)
        =>
            [
                .. frames.Where(
                    frame
                        => frame.Type is MessageType.Call or MessageType.Return or MessageType.Error).Select(frame
                            => frame.ToString()),
            ];

    private IpcTraffic Record(Action<IStage> session)
    {
        using (IpcTestPair<IStage> pair = IpcTestPair.Create<IStage>(MakeStage(), new IpcTestPairOptions
        {
            Client = new IpcConnectionOptions { RecordFolder = _directory.Path },
            Server = new IpcConnectionOptions { SendStackTraces = false },
        }))
        {
            session(pair.Root);
        }

        return IpcTraffic.Load(Directory.GetFiles(_directory.Path).Single());
    }
}
