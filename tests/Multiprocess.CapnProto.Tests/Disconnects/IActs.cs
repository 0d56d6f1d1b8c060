using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>One method for each kind of call that a connection can be lost in.</summary>
[CapnpInterface(0x9d1c2b3a40516201, Context = true, Construct = 0)]
public interface IActs
{
    [CapnpMethod(1)]
    int Add(int a, int b);

    /// <summary>Runs where no thread is named: on the pool, or on a worker of <c>makePool</c>.</summary>
    [CapnpMethod(2, Context = -1)]
    int AddAnywhere(int a, int b);

    [CapnpMethod(3)]
    int Nest(int depth, Back back);

    [CapnpMethod(4)]
    void Fail(string message);

    [CapnpMethod(5)]
    [CapnpThrows(0, typeof(ActException))]
    void FailAsDeclared(string message);

    [CapnpMethod(6)]
    IThing Make(int number);

    [CapnpMethod(7)]
    int Use(IThing thing);

    [CapnpMethod(8)]
    void Keep(Back? callback);

    [CapnpMethod(9)]
    int CallKept(int x);

    [CapnpMethod(10)]
    string Title { get; set; }

    [CapnpMethod(12)]
    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    [CapnpMethod(13)]
    Task<int> CallBackAsync(int x, Back back);

    [CapnpMethod(14)]
    Task<IThing> MakeAsync(int number);

    [CapnpMethod(15)]
    int Wait(CancellationToken cancellationToken);

    [CapnpMethod(16)]
    Task<int> WaitAsync(CancellationToken cancellationToken);

    [CapnpMethod(17, Context = -1)]
    CapnpReference? Pass(CapnpReference? any);

    [CapnpMethod(18)]
    bool TrySum(int[] numbers, ref int sum, out string text);

    /// <summary>Waits with an object of the caller's.</summary>
    [CapnpMethod(19)]
    int Hold(IThing thing);

    [CapnpMethod(20, Context = -1)]
    int WaitAnywhere(CancellationToken cancellationToken);

    /// <summary>Makes an object whose disposal waits for the end of the connection.</summary>
    [CapnpMethod(21)]
    IThing MakeSlow();

    /// <summary>Never makes it.</summary>
    [CapnpMethod(22, Context = -1)]
    Task<IThing> MakeNeverAsync(CancellationToken cancellationToken);
}

/// <summary>An object that is made on one side and owned by the other.</summary>
[CapnpInterface(0x9d1c2b3a40516202, Context = true, Destroy = 0)]
public interface IThing : IDisposable
{
    [CapnpMethod(1)]
    int Number();

    /// <summary>For calls without a thread: through promises.</summary>
    [CapnpMethod(2, Context = -1)]
    int Twice();
}

[CapnpInterface(0x9d1c2b3a40516203, Context = true, Destroy = 0)]
[CapnpMethod(1)]
public delegate int Back(int value);

public sealed class ActException(string message) : Exception(message);
