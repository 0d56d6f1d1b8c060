using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Multiprocess.Messages;
using Multiprocess.Metrics;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Logging;

/// <summary>A contract through which a secret goes in every direction.</summary>
[IpcInterface]
public interface ISafe
{
    string Open(string secret, Func<string, string> confirm);

    Task<string> OpenAsync(string secret);

    void Fail(string secret);

    [IpcOneWay]
    void Tell(string secret);
}

/// <summary>
/// What is passed, returned and thrown is in nothing that is meant for somebody who watches: metrics, spans, lines.
/// </summary>
/// <remarks>The bytes of messages, at the level Trace, are what <c>[IpcSensitive]</c> is for.</remarks>
public sealed class SecretTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const string Secret = "swordfish";

    [Test]
    public void No_argument_result_or_message_of_an_exception_is_in_metrics_spans_or_lines()
    {
        var limit = TimeSpan.FromSeconds(4);
        var time = new ManualTime();
        var log = new TestLog(LogLevel.Debug);
        var spans = new ConcurrentQueue<Activity>();
        using var meter = new TestMeter();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == IpcMeter.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var options = new IpcConnectionOptions { LoggerFactory = log, TimeProvider = time, SlowCallWarning = limit };
        IpcTestPair<ISafe> pair = Serve<ISafe>(new Safe(() => time.Advance(limit)), options, options);

        string listed = string.Empty;
        using (new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            pair.Root.Open(Secret, secret =>
            {
                listed = string.Join("\n", pair.Client.ListWaitingCalls());
                return secret;
            });
            pair.Root.OpenAsync(Secret).GetAwaiter().GetResult();
            Assert.That(() => pair.Root.Fail(Secret), Throws.TypeOf<FormatException>().With.Message.EqualTo(Secret));
            pair.Root.Tell(Secret);
        }

        Patience.Until(() => meter.Calls("Tell", "server").Count == 1 && spans.Count == 5, "all calls have ended");
        Patience.Until(() => log.Entries.Any(entry => entry.Id == 14), "the error was sent");
        string written = string.Join("\n", log.Entries.Select(entry => $"{entry.Text} {entry.Exception}"));
        Assert.That(
            new[] { 14, 40, 41 }.Except(log.Entries.Select(entry => entry.Id)),
            Is.Empty,
            "The lines that might have it.");
        Assert.That(listed, Does.Contain("ISafe.Open"));
        Assert.That(written + listed, Does.Not.Contain(Secret));
        Assert.That(
            meter.All.SelectMany(measured => measured.Tags.Values).Select(value => $"{value}"),
            Is.Not.Empty.And.None.Contains(Secret));
        Assert.That(
            spans.SelectMany(
                span => span.TagObjects.Select(tag => $"{tag.Value}").Append(span.DisplayName).Append(
                    $"{span.StatusDescription}")),
            Is.Not.Empty.And.None.Contains(Secret));
    }

    private sealed class Safe(Action takeLong) : ISafe
    {
        public string Open(string secret, Func<string, string> confirm)
        {
            // Before it calls back: the caller has nothing else on its stack.
            takeLong();
            return confirm(secret);
        }

        public async Task<string> OpenAsync(string secret)
        {
            await Task.Yield();
            return secret;
        }

        public void Fail(string secret) => throw new FormatException(secret);

        public void Tell(string secret) => _ = secret;
    }
}
