using System.Globalization;
using Bitcoin.Gui;
using Bitcoin.GuiWeb.Model;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.GuiWeb.Host;

/// <summary>
/// Shows a node on a page that this program serves to its user only. It uses the node through its interface only.
/// </summary>
public sealed class PageFrontEnd : IFrontEnd
{
    private const int MaxPort = 65535;

    private readonly DebugLog _log;
    private readonly TextWriter _output;
    private readonly NodeModel _model;

    // The main thread and threads of requests write to it.
    private readonly Lock _gate = new();

    // Main thread only.
    private Settings _settings;
    private Choices? _choices;
    private PageServer? _server;

    // Guarded by the gate.
    private BrowserStart? _browser;

    /// <summary>Creates a front end. It serves nothing before it has a node.</summary>
    /// <param name="settings">The program's settings.</param>
    /// <param name="log">The program's log.</param>
    /// <param name="output">Where to print the address of the page.</param>
    public PageFrontEnd(Settings settings, DebugLog log, TextWriter output)
    {
        _settings = settings;
        _log = log;
        _output = output;
        _model = new NodeModel(settings.Network.Name, settings.Directory);
        _ = Port();
    }

    /// <inheritdoc/>
    public bool WaitsForNode => true;

    /// <inheritdoc/>
    public void Say(string text)
    {
        lock (_gate)
        {
            _output.WriteLine(LineText.EscapeLines(text));
            _output.Flush();
        }
    }

    /// <inheritdoc/>
    public bool Choose(StartChoice proposed, Func<StartChoice, string?> accept, CancellationToken stop)
    {
        StartQuestion question = new(proposed, accept);
        _model.LetChoose(question);
        Serve();
        return question.Wait(stop);
    }

    /// <inheritdoc/>
    public void Use(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _model.Move(settings.Network.Name, settings.Directory);
        _choices?.Move(settings.Directory);
    }

    /// <inheritdoc/>
    public void ShowMessages(INode node)
    {
        _model.ShowMessages(node);
        Serve();
    }

    /// <inheritdoc/>
    public void Open(INode node, ProcessInfo process)
    {
        _model.Open(node, process);
        Serve();
    }

    /// <inheritdoc/>
    public void Close(string reason) => _model.Close(reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Close("The program has ended.");
        _server?.Dispose();
        lock (_gate)
        {
            _browser?.Dispose();
            _browser = null;
        }
    }

    private int Port()
    {
        string text = _settings.Last(GuiOptions.Port) ?? "0";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= MaxPort
            ? port
            : throw new HostException($"-{GuiOptions.Port}: Expected a port from 0 to {MaxPort}, got '{text}'.");
    }

    private void Serve()
    {
        if (_server is not null)
        {
            return;
        }

        PageServer server;
        try
        {
            _choices = Choices.Load(_settings.Directory);
            server = PageServer.Start(Port(), _model, _choices, _log);
        }
        catch (IOException exception)
        {
            throw new HostException($"-{GuiOptions.Port}: {exception.Message}", exception);
        }

        _server = server;
        string address = server.NewEntry();
        server.Entered += () => Entered(server);
        Say($"Open {address}");
        lock (_gate)
        {
            _browser = _settings.IsOn(GuiOptions.Browser, byDefault: true)
                ? BrowserStart.TryOpen(address, _settings.Directory)
                : null;
        }
    }

    private void Entered(PageServer server)
    {
        lock (_gate)
        {
            _browser?.Dispose();
            _browser = null;
        }

        Say($"For another browser: {server.NewEntry()}");
    }
}
