using System.Collections.Concurrent;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

/// <summary>
/// Code of the user that blocks, wherever the runtime may run it, while other threads call in both directions.
/// </summary>
public sealed class UserCodeTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int Callers = 3;
    private const int CallsOfEach = 20;

    // What each of them starts blocks in Stop. It returns what is joined when it may go on.
    private static readonly Dictionary<string, Func<Scene, Action>> s_places = new()
    {
        ["method"] = scene => scene.Call(root => root.Call(-1)),
        ["one-way method"] = scene => scene.Call(root => root.Post(-1)),
        ["asynchronous method before its first await"] = scene
            => scene.Call(root => root.CallAsync(-1).Wait(Patience.Bound)),
        ["callback on the thread that waits"] = scene => scene.Call(root => root.CallBack(-1, scene.Stop)),
        ["callback outside of any call"] = scene => scene.CallFromServer(house => house.Kept(-1)),
        ["one-way callback"] = scene => scene.CallFromServer(house => house.Listener.Tell(-1)),
        ["event handler"] = scene =>
        {
            scene.Root.Rung += x => scene.Stop(x);
            return scene.CallFromServer(house => house.Ring(-1));
        },
        ["getter of an argument"] = scene => scene.Call(root => root.Take(new Guest(scene.Stop))),
        ["getter of a result"] = scene =>
        {
            scene.House.OnGive = () => new Guest(scene.Stop);
            return scene.Call(root => root.Give());
        },
        ["constructor of an argument"] = scene => scene.Call(root => root.Take(new Guest(scene.NumberThatStops()))),
        ["constructor of a result"] = scene =>
        {
            int number = scene.NumberThatStops();
            scene.House.OnGive = () => new Guest(number);
            return scene.Call(root => root.Give());
        },
        ["callback of a token"] = scene =>
        {
            var running = new Signal();
            scene.House.OnCallUntil = (x, token) =>
            {
                using CancellationTokenRegistration registration = token.Register(() => scene.Stop(x));
                running.Set();
                scene.AwaitLeave();
                return x;
            };
            using var source = new CancellationTokenSource();
            TestThread<OperationCanceledException?> caller = TestThread.Start(
                () => Assert.Catch<OperationCanceledException>(() => scene.Root.CallUntil(1, source.Token)));
            running.Await();
            source.Cancel();
            return () => caller.Join();
        },
        ["continuation of a call"] = scene =>
        {
            var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            scene.House.OnCallAsync = _ => answer.Task;
            Task continuation = scene.Root.CallAsync(1).ContinueWith(
                call => scene.Stop(call.Result),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            answer.SetResult(1);
            return () => Assert.That(continuation.Wait(Patience.Bound), Is.True);
        },
        ["source of a sequence"] = scene => scene.Call(root => Take(root.Count()).Wait(Patience.Bound)),
        ["Dispose"] = scene =>
        {
            ILodger lodger = scene.Root.Make();
            return scene.Call(_ => lodger.Dispose());
        },
    };

    private static IEnumerable<string> Places => s_places.Keys;

    [TestCaseSource(nameof(Places))]
    public void User_code_that_blocks_stops_no_other_call(string place)
    {
        var house = new House();
        var patient = new IpcConnectionOptions { DisposeTimeout = TimeSpan.FromMinutes(5) };
        var scene = new Scene(Serve<IHouse>(house, client: patient).Root, house);
        house.Stops = scene.Stop;
        scene.Root.Keep(x => x < 0 ? scene.Stop(x) : x);
        scene.Root.Listen(new Listener { OnTell = x => scene.Stop(x) });
        Action join = s_places[place](scene);

        int[] sums;
        try
        {
            scene.AwaitStop();
            TestThread<int>[] callers =
            [
                .. Enumerable.Range(0, Callers).Select(
                    _ => TestThread.Start(() => Enumerable.Range(1, CallsOfEach).Sum(scene.Root.Call))),
                .. Enumerable.Range(0, Callers).Select(
                    _ => TestThread.Start(() => Enumerable.Range(1, CallsOfEach).Sum(house.Kept))),
            ];
            sums = [.. callers.Select(caller => caller.Join())];
        }
        finally
        {
            scene.Leave();
        }

        join();
        Assert.That(sums, Has.Length.EqualTo(2 * Callers).And.All.EqualTo(CallsOfEach * (CallsOfEach + 1) / 2));
        Assert.That(scene.Stops, Is.EqualTo(1));
    }

    private static async Task<int> Take(IAsyncEnumerable<int> numbers)
    {
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    private sealed class Scene(IHouse root, House house)
    {
        private readonly Signal _stopped = new();
        private readonly Signal _leave = new();
        private int _stops;

        public IHouse Root => root;

        public House House => house;

        public int Stops => _stops;

        /// <summary>The code of the user.</summary>
        public int Stop(int x)
        {
            Interlocked.Increment(ref _stops);
            _stopped.Set();
            _leave.Await();
            return x;
        }

        public int NumberThatStops() => Guest.StopAtNext(() => Stop(0));

        public void AwaitStop() => _stopped.Await();

        public void AwaitLeave() => _leave.Await();

        public void Leave() => _leave.Set();

        public Action Call(Action<IHouse> call)
        {
            TestThread<bool> caller = TestThread.Start(() => call(root));
            return () => caller.Join();
        }

        public Action CallFromServer(Action<House> call)
        {
            TestThread<bool> caller = TestThread.Start(() => call(house));
            return () => caller.Join();
        }
    }

    private sealed class House : IHouse
    {
        public event Action<int>? Rung;

        public Func<int, int> Stops { get; set; } = x => x;

        public Func<int, CancellationToken, int> OnCallUntil { get; set; } = (x, _) => x;

        public Func<int, Task<int>>? OnCallAsync { get; set; }

        public Func<Guest> OnGive { get; set; } = () => new Guest(1);

        public Func<int, int> Kept { get; private set; } = x => x;

        public IListener Listener { get; private set; } = new Listener();

        public void Ring(int x) => Rung?.Invoke(x);

        public int Call(int x) => x < 0 ? Stops(x) : x;

        public int CallUntil(int x, CancellationToken cancellationToken) => OnCallUntil(x, cancellationToken);

        public int CallBack(int x, Func<int, int> callback) => callback(x);

        public Task<int> CallAsync(int x) => OnCallAsync?.Invoke(x) ?? Task.FromResult(Stops(x));

        public void Post(int x) => Stops(x);

        public void Keep(Func<int, int> callback) => Kept = callback;

        public void Listen(IListener listener) => Listener = listener;

        public int Take(Guest guest) => guest.Number;

        public Guest Give() => OnGive();

        public ILodger Make() => new Lodger(Stops);

        public async IAsyncEnumerable<int> Count()
        {
            await Task.CompletedTask;
            yield return Stops(1);
        }
    }

    private sealed class Lodger(Func<int, int> stops) : ILodger
    {
        public void Dispose() => stops(0);
    }
}

/// <summary>A contract with each place where code of the user runs.</summary>
[IpcInterface]
public interface IHouse
{
    event Action<int>? Rung;

    int Call(int x);

    int CallUntil(int x, CancellationToken cancellationToken);

    int CallBack(int x, Func<int, int> callback);

    Task<int> CallAsync(int x);

    [IpcOneWay]
    void Post(int x);

    void Keep(Func<int, int> callback);

    void Listen(IListener listener);

    int Take(Guest guest);

    Guest Give();

    ILodger Make();

    IAsyncEnumerable<int> Count();
}

[IpcInterface]
public interface ILodger : IDisposable;

/// <summary>A value whose getter and constructor run code of a test.</summary>
[MessagePackObject]
public sealed class Guest
{
    private static readonly ConcurrentDictionary<int, Action> s_whenMade = new();
    private static int s_lastNumber = 1000;

    private readonly Func<int> _number;

    /// <summary>One whose getter runs <paramref name="stop"/>, once.</summary>
    internal Guest(Func<int, int> stop)
    {
        int reads = 0;
        _number = () => Interlocked.Increment(ref reads) == 1 ? stop(1) : 1;
    }

    public Guest(int number)
    {
        _number = () => number;
        if (s_whenMade.TryGetValue(number, out Action? act))
        {
            act();
        }
    }

    [Key(0)]
    public int Number => _number();

    /// <summary>
    /// A number at which the constructor runs <paramref name="act"/> the second time: the first guest is made by the
    /// test.
    /// </summary>
    internal static int StopAtNext(Action act)
    {
        int number = Interlocked.Increment(ref s_lastNumber);
        int made = 0;
        s_whenMade[number] = () =>
        {
            if (Interlocked.Increment(ref made) == 2)
            {
                s_whenMade.TryRemove(number, out _);
                act();
            }
        };
        return number;
    }
}
