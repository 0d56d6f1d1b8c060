namespace Multiprocess.Tests.Support;

/// <summary>A contract with wire ids that a test can write down.</summary>
[IpcInterface]
public interface IRaw
{
    [IpcMethod(1)]
    int Add(int a, int b);

    [IpcMethod(2)]
    int Ask(IListener listener);

    [IpcMethod(3)]
    IListener Make();

    [IpcMethod(4)]
    void Take(IRaw? raw, IListener? listener);

    [IpcMethod(5)]
    void TakeNumbers(int[] numbers);
}

internal sealed class RawRoot : IRaw
{
    public int Calls { get; private set; }

    public Func<IListener, int> OnAsk { get; set; } = listener => listener.Ask(1);

    public int Add(int a, int b)
    {
        Calls++;
        return a + b;
    }

    public int Ask(IListener listener) => OnAsk(listener);

    public IListener Make() => new Listener();

    public void Take(IRaw? raw, IListener? listener) => Calls++;

    public void TakeNumbers(int[] numbers) => Calls++;
}
