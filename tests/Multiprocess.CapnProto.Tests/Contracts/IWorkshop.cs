using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>What libmultiprocess's own interface lacks: tokens, tasks, properties, objects as results.</summary>
[CapnpInterface(0x9c1d2e3f40516273, Context = true, Construct = 0)]
public interface IWorkshop
{
    [CapnpMethod(1)]
    void Block(CancellationToken cancellationToken);

    [CapnpMethod(2)]
    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    [CapnpMethod(3)]
    Task BlockAsync(CancellationToken cancellationToken);

    [CapnpMethod(4)]
    ITool Make(string name);

    [CapnpMethod(5)]
    bool IsOwn(ITool tool);

    [CapnpMethod(6)]
    string Title { get; set; }

    [CapnpMethod(8)]
    int ThreadId();

    [CapnpMethod(9)]
    [CapnpThrows(0, typeof(ToolException))]
    void Break(string reason);

    [CapnpMethod(10)]
    [return: CapnpField(0, Has = 1)]
    (int, string)? Pair(bool isThere);

    [CapnpMethod(11, Context = -1)]
    CapnpReference? Pass(CapnpReference? any);

    [CapnpMethod(12)]
    Task<int> CallBackAsync(Hook hook);

    [CapnpMethod(13)]
    void KeepHook(Hook hook);

    [CapnpMethod(14)]
    int CallKeptFromElsewhere();
}

[CapnpInterface(0x9c1d2e3f40516274, Context = true, Destroy = 0)]
public interface ITool : IDisposable, IAsyncDisposable
{
    [CapnpMethod(1)]
    string Use();
}

[CapnpInterface(0x9c1d2e3f40516275, Context = true)]
[CapnpMethod(0)]
public delegate int Hook(int value);

public sealed class ToolException(string message) : Exception(message);
