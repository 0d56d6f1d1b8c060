using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Gui;

/// <summary>What the user sees of a node. One thread calls.</summary>
public interface IFrontEnd : IDisposable
{
    /// <summary>
    /// Whether it stays when a node that ran before it is gone, to show the node again once it is back.
    /// </summary>
    bool WaitsForNode { get; }

    /// <summary>Says something that is not of the node.</summary>
    void Say(string text);

    /// <summary>Lets the user choose network and directory before the first start. Waits for the choice.</summary>
    /// <param name="proposed">The choice of a user who changes nothing.</param>
    /// <param name="accept">
    /// Stores a choice. It returns what is wrong with the choice, for the user, or null.
    /// </param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Whether a choice was accepted; false when the wait was ended.</returns>
    bool Choose(StartChoice proposed, Func<StartChoice, string?> accept, CancellationToken stop);

    /// <summary>Takes the settings that count after <see cref="Choose"/>.</summary>
    void Use(Settings settings);

    /// <summary>Shows what a node does while it starts, and what it wants the user to see.</summary>
    void ShowMessages(INode node);

    /// <summary>Shows the chain and the wallets of a node that runs, now and as they change.</summary>
    /// <param name="node">The node.</param>
    /// <param name="process">The node's process.</param>
    void Open(INode node, ProcessInfo process);

    /// <summary>Takes leave of the node, whether it is still there or not: nothing of it comes any more.</summary>
    /// <param name="reason">Why, for the user.</param>
    void Close(string reason);
}
