using System.Text;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Recording;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Transports;

namespace Multiprocess.Fuzz;

/// <summary>Makes the traffic that is mutated: one correct session with a call of each kind.</summary>
internal static class Recording
{
    // Stacks name the places where this was built.
    private static readonly IpcConnectionOptions s_options = new() { SendStackTraces = false };

    public static IpcTraffic Make()
    {
        using var text = new MemoryStream();
        var file = new RecordFile(text, int.MaxValue, (reason, _) => throw new InvalidOperationException(reason));
        (DuplexPipeTransport ofClient, DuplexPipeTransport ofServer) = InMemoryTransport.CreatePair();
        Task<ServedConnection> serving = Task.Factory.StartNew(
            () => ServedConnection.Open<IFuzzed>(ofServer, s_options, _ => new Fuzzed()),
            TaskCreationOptions.LongRunning);
        using (IpcConnection<IFuzzed> client = IpcConnection<IFuzzed>.Open(
            new RecordingTransport(ofClient, file, isClient: true), s_options))
        {
            CallEverything(client.Root);
        }

        serving.GetAwaiter().GetResult().Dispose();

        // The Hellos are the first two frames.
        return new IpcTraffic(
            IpcTraffic.Parse(Encoding.UTF8.GetString(text.ToArray())).Frames.Select(
                (frame, index) => index < 2 ? IpcTrafficFrame.Hello(frame.IsFromClient) : frame));
    }

    /// <summary>Makes a call of each kind, and gives up at the first that fails.</summary>
    public static void CallEverything(IFuzzed root)
    {
        Expect(root.Add(1, 2) == 3);
        Expect(root.TryDivide(7, 2, out int quotient) && quotient == 3);
        Expect(root.Join(["a", null, "é"], ',').Length == 4);
        Expect(root.Echo(new() { ["a"] = [1, null, 70_000], ["b"] = [] }).GetValueOrDefault("a")?.Count == 3);
        Figure[] figures = root.EchoFigures(
            [new Circle(1.5), new Box("b", [new Circle(2), new Box(null, [], DayOfWeek.Friday)], DayOfWeek.Monday)]);
        Expect(figures is [Circle, Box { Inner.Count: 2 }]);
        Expect(root.EchoValues((1.25m, Guid.Empty, DateTimeOffset.UnixEpoch, TimeSpan.FromDays(1))).Amount == 1.25m);
        Expect(root.EchoSet([1, long.MaxValue, -5]).Count == 3);
        Expect(root.Measure(new byte[300]) == 300);
        Expect(root.Bytes(500).Length == 500);
        Expect(root.CallBack(5, x => root.Add(x, 1)) == 6);
        root.Keep(x => x);
        root.Keep(null);
        using (IItem item = root.Make(3))
        {
            item.Number = 4;
            Expect(item.Number == 4);
            Expect(ReferenceEquals(root.Same(item), item));
            Expect(root.Sum([item, item]) == 2);
        }

        root.Note(1);
        Expect(root.AddAsync(1, 2).GetAwaiter().GetResult() == 3);
        Expect(Sum(root.Count(20)).GetAwaiter().GetResult() == 190);
        using (Stream stream = root.Open(700))
        {
            Expect(stream.ReadAtLeast(new byte[700], 700) == 700);
        }

        int raised = 0;
        void Handler(int x) => raised += x;
        root.Raised += Handler;
        root.Raise(2);
        root.Raised -= Handler;
        try
        {
            root.Throw("as asked");
        }
        catch (InvalidOperationException)
        {
        }

        Expect(root.Sign("secret") == 6);
    }

    private static async Task<int> Sum(IAsyncEnumerable<int> numbers)
    {
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    // What an attacker answers need not be right: only correct peers are held to it, by what runs them.
    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new WrongAnswerException();
        }
    }
}

/// <summary>An answer was decoded, and is not what the method would have returned.</summary>
internal sealed class WrongAnswerException : Exception;
