using Bitcoin.Interfaces;

namespace Bitcoin.Gui.Tests.Support;

/// <summary>A registration in a list.</summary>
internal sealed class Handler(Action end) : IHandler
{
    public void Disconnect() => end();

    public void Dispose() => end();

    internal static Handler Of<T>(List<T> all, T one)
    {
        all.Add(one);
        return new Handler(() => all.Remove(one));
    }
}
