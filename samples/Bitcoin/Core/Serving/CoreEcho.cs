namespace Bitcoin.Core.Serving;

/// <summary>An echo of this sample, for clients of Bitcoin Core.</summary>
internal sealed class CoreEcho(Interfaces.IEcho echo) : IEcho
{
    string IEcho.Echo(string text) => echo.Echo(text);

    public void Dispose()
    {
    }
}
