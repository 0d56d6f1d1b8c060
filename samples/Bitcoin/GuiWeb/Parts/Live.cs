using Bitcoin.GuiWeb.Model;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Bitcoin.GuiWeb.Parts;

/// <summary>
/// A component that shows the node's state, and shows it anew when it has changed: not for each change, because blocks
/// come by the hundred while the node synchronizes.
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

    /// <summary>The keyboard of digits, on screens that have one.</summary>
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

    /// <summary>Ends what a page has begun.</summary>
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

    /// <summary>Does what may fail at the node, and says so where it does.</summary>
    /// <returns>Whether it was done.</returns>
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

    /// <summary>What happened, and what to do.</summary>
    internal string Explain(NodeCallException exception) => Explanation.Of(exception, Session);

    /// <summary>Says something for a while. The text is shown as text, whatever is in it.</summary>
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

        // Before it looks: what changes from now on is looked at again.
        Volatile.Write(ref _isWaiting, 0);
        if (!_isDisposed)
        {
            await OnNodeChanged();
            StateHasChanged();
        }
    }
}
