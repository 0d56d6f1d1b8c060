using Bitcoin.GuiWeb.Model;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Bitcoin.GuiWeb.Parts;

/// <summary>
/// A component that shows the state of the node and renders again after changes. Not for every single change, because
/// hundreds of blocks come while the node synchronizes.
/// </summary>
public abstract class Live : ComponentBase, IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private int _isWaiting;
    private volatile bool _isDisposed;

    [Inject]
    internal NodeModel Node { get; set; } = null!;

    [Inject]
    internal Session Session { get; set; } = null!;

    [Inject]
    internal ISnackbar Snackbar { get; set; } = null!;

    /// <summary>The numeric keyboard of touch screens.</summary>
    protected static InputMode DecimalInput => InputMode.@decimal;

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        Node.Changed -= OnChanged;
        Session.Changed -= OnChanged;
        Session.Choices.Changed -= OnChanged;
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the work of the page.</summary>
    protected virtual void Dispose(bool isDisposing)
    {
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        Node.Changed += OnChanged;
        Session.Changed += OnChanged;
        Session.Choices.Changed += OnChanged;
    }

    /// <summary>Called on the window's thread after the node, or the window's choices, have changed.</summary>
    protected virtual Task OnNodeChanged() => Task.CompletedTask;

    /// <summary>A text in the window's language.</summary>
    protected string T(string english, params ReadOnlySpan<object?> values) => Session.T(english, values);

    /// <summary>An amount in the window's unit.</summary>
    protected string Amount(decimal btc, bool sign = false) => Session.Amount(btc, sign);

    /// <summary>Runs an action that calls the node, and shows its error.</summary>
    /// <returns>Whether the action succeeded.</returns>
    protected async Task<bool> Try(Func<Task> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        try
        {
            await act();
            return true;
        }
        catch (NodeCallException exception)
        {
            Say(Explain(exception), Severity.Error);
            return false;
        }
    }

    /// <summary>The text of an error: what happened, and what to do.</summary>
    internal string Explain(NodeCallException exception) => Explanation.Of(exception, Session);

    /// <summary>Shows a message for a while. The text is never interpreted as HTML.</summary>
    protected void Say(string text, Severity severity = Severity.Normal) => Snackbar.Add(text, severity);

    private void OnChanged()
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) == 0)
        {
            _ = InvokeAsync(Follow);
        }
    }

    private async Task Follow()
    {
        await Task.Delay(s_pause);

        // Reset before rendering: a later change then renders again.
        Volatile.Write(ref _isWaiting, 0);
        if (!_isDisposed)
        {
            await OnNodeChanged();
            StateHasChanged();
        }
    }
}
