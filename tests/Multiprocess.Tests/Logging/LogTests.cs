using Microsoft.Extensions.Logging;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Logging;

public sealed class LogTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int Sent = 10;
    private const int AnswerReceived = 11;
    private const int Executing = 12;
    private const int Returned = 13;
    private const int Threw = 14;
    private const int Payload = 16;

    [Test]
    public void Both_ends_of_a_call_are_logged_with_the_same_request_number()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.Debug, out TestLog client, out TestLog server);

        pair.Root.Call(1);

        object? request = client.Entries.Single(entry => entry.Id == Sent).Values["Request"];
        Assert.That(client.Entries.Single(entry => entry.Id == AnswerReceived).Values["Request"], Is.EqualTo(request));
        Assert.That(server.Entries.Single(entry => entry.Id == Executing).Values["Request"], Is.EqualTo(request));
        Patience.Until(() => server.Entries.Any(entry => entry.Id == Returned), "the answer is logged");
        Assert.That(server.Entries.Single(entry => entry.Id == Returned).Values["Request"], Is.EqualTo(request));
        Assert.That(
            client.Entries.Concat(server.Entries).Select(entry => entry.Category), Is.All.EqualTo("Multiprocess.Ipc"));
    }

    [Test]
    public void A_line_names_process_thread_request_and_method()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.Debug, out TestLog client, out TestLog server);

        TestThread.Run(() => pair.Root.Call(1), "clerk");

        LogEntry sent = client.Entries.Single(entry => entry.Id == Sent);
        LogEntry executing = server.Entries.Single(entry => entry.Id == Executing);
        Assert.That(
            sent.Text,
            Does.Contain($"{Environment.ProcessId} clerk/").And.Contain(
                $"#{sent.Values["Request"]}").And.Contain("IStage.Call"));
        Assert.That(executing.Text, Does.Contain($"{Environment.ProcessId} clerk/").And.Contain("IStage.Call"));
    }

    [Test]
    public void A_nested_call_is_logged_as_nested_on_the_same_thread()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.Debug, out TestLog client, out TestLog server);

        pair.Root.CallBack(1, x => x);

        Assert.That(server.Entries.Single(entry => entry.Id == Sent).Text, Does.Contain("nested"));
        Assert.That(client.Entries.Single(entry => entry.Id == Sent).Text, Does.Not.Contain("nested"));
        Assert.That(client.Entries.Count(entry => entry.Id == Executing), Is.EqualTo(1));
    }

    [Test]
    public void An_exception_is_logged_with_its_type()
    {
        var stage = new Stage { OnCall = _ => throw new FormatException("bad") };
        var log = new TestLog(LogLevel.Debug);
        IStage root = Serve<IStage>(stage, server: new IpcConnectionOptions { LoggerFactory = log }).Root;

        Assert.That(() => root.Call(1), Throws.TypeOf<FormatException>());

        Patience.Until(() => log.Entries.Any(entry => entry.Id == Threw), "the error is logged");
        Assert.That(log.Entries.Single(entry => entry.Id == Threw).Text, Does.Contain("System.FormatException"));
    }

    [Test]
    public void Connecting_and_disconnecting_are_information()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.Information, out TestLog client, out TestLog server);
        pair.Root.Call(1);

        pair.Client.Dispose();

        Patience.Until(() => server.Entries.Any(entry => entry.Id == 3), "the server's end is logged");
        Assert.That(client.Entries.Select(entry => entry.Id), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(server.Entries.Select(entry => entry.Id), Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public void Nothing_is_formatted_when_logging_is_off()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.None, out TestLog client, out TestLog server);

        pair.Root.CallBack(1, x => x);
        pair.Client.Dispose();

        Assert.That(client.Formatted + server.Formatted, Is.Zero);
    }

    [Test]
    public void The_level_may_be_changed_while_the_connection_is_open()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.Warning, out TestLog client, out TestLog server);
        pair.Root.Call(1);
        Assert.That(client.Entries.Count + server.Entries.Count, Is.Zero);

        client.Lowest = server.Lowest = LogLevel.Debug;
        pair.Root.Call(2);
        Assert.That(client.Entries.Select(entry => entry.Id), Is.EqualTo(new[] { Sent, AnswerReceived }));
        object? request = client.Entries[0].Values["Request"];
        Patience.Until(
            () => server.Entries.Any(entry => entry.Id == Returned && Equals(entry.Values["Request"], request)),
            "the server's last line of the call");

        client.Lowest = server.Lowest = LogLevel.Warning;
        int written = server.Entries.Count;
        pair.Root.Call(3);
        pair.Root.Call(4);
        Assert.That(client.Entries, Has.Count.EqualTo(2));
        Assert.That(server.Entries, Has.Count.EqualTo(written));
        Assert.That(server.Entries.Count(entry => entry.Id == Executing), Is.EqualTo(1));
    }

    [Test]
    public void No_payload_is_logged_above_trace()
    {
        IpcTestPair<IStage> pair = ServeLogged(LogLevel.Debug, out TestLog client, out TestLog server);

        pair.Root.Call(1);

        Assert.That(client.Entries.Concat(server.Entries).Select(entry => entry.Id), Has.None.EqualTo(Payload));
    }

    [Test]
    public void A_payload_is_escaped_and_cut()
    {
        var log = new TestLog(LogLevel.Trace);
        Calls.IShapes root = Serve<Calls.IShapes>(
            new Calls.Shapes(), client: new IpcConnectionOptions { LoggerFactory = log }).Root;

        root.EchoText("visible" + new string('\u0001', 1000));

        string payload = (string)log.Entries.First(entry => entry.Id == Payload).Values["Payload"]!;
        Assert.That(payload, Does.Contain("visible").And.Contain("\\x01").And.EndsWith("bytes)"));
        Assert.That(payload, Has.Length.LessThan(240));
    }

    private IpcTestPair<IStage> ServeLogged(LogLevel lowest, out TestLog client, out TestLog server)
    {
        client = new TestLog(lowest);
        server = new TestLog(lowest);
        return Serve<IStage>(
            new Stage(),
            client: new IpcConnectionOptions { LoggerFactory = client },
            server: new IpcConnectionOptions { LoggerFactory = server });
    }
}
