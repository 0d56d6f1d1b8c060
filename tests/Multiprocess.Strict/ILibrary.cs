using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Multiprocess;

[assembly: CLSCompliant(false)]
[assembly: System.Runtime.InteropServices.ComVisible(false)]

namespace Strict;

/// <summary>What a loan can be.</summary>
public enum LoanState
{
    /// <summary>It is out.</summary>
    Out,

    /// <summary>It is back.</summary>
    Back,
}

/// <summary>A book.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Year">When it was printed.</param>
public sealed record Book(string Title, int? Year = null)
{
    /// <summary>What was written into it.</summary>
    public IReadOnlyDictionary<string, LoanState>? Notes { get; init; }
}

/// <summary>What is lent: a closed hierarchy.</summary>
[IpcUnion(0, typeof(Lent))]
[IpcUnion(1, typeof(Reserved))]
public abstract record Loan;

/// <summary>A loan that is out.</summary>
/// <param name="Book">The book.</param>
public sealed record Lent(Book Book) : Loan;

/// <summary>A loan that is to come.</summary>
/// <param name="From">When.</param>
public sealed record Reserved(DateOnly From) : Loan;

/// <summary>Says what has changed.</summary>
public sealed class ShelfEventArgs : EventArgs
{
    /// <summary>The shelf.</summary>
    public int Shelf { get; set; }
}

/// <summary>There is no such book.</summary>
[IpcFault]
public sealed class MissingBookException : Exception
{
    /// <summary>Makes one.</summary>
    public MissingBookException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What is missing.</param>
    public MissingBookException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What is missing.</param>
    /// <param name="innerException">Why.</param>
    public MissingBookException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How many there were.</summary>
    public int Count { get; init; }
}

/// <summary>A reader.</summary>
[IpcInterface]
public interface IReader : IDisposable, IAsyncDisposable
{
    /// <summary>The reader's name.</summary>
    string Name { get; }
}

/// <summary>A member of each kind.</summary>
[IpcInterface]
public interface ILibrary
{
    /// <summary>A shelf has changed.</summary>
    event EventHandler<ShelfEventArgs>? Changed;

    /// <summary>How many books there are.</summary>
    int Count { get; set; }

    /// <summary>A book by its place.</summary>
    /// <param name="place">The place.</param>
    Book this[int place] { get; set; }

    /// <summary>Finds a book.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="book">The book.</param>
    /// <returns>Whether there is one.</returns>
    bool TryFind(string title, out Book? book);

    /// <summary>Lends books.</summary>
    /// <param name="reader">To whom.</param>
    /// <param name="loans">Which.</param>
    /// <param name="onReturn">What to call when they are back.</param>
    void Lend(IReader? reader, IReadOnlyList<Loan> loans, Action<Book>? onReturn = null);

    /// <summary>Counts in the background.</summary>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The count, and the oldest.</returns>
    Task<(int Count, Book? Oldest)> CountAsync(IProgress<int>? progress, CancellationToken cancellationToken = default);

    /// <summary>All titles.</summary>
    IAsyncEnumerable<string> Titles { get; }

    /// <summary>Opens a book.</summary>
    /// <param name="title">Its title.</param>
    /// <returns>Its text.</returns>
    ValueTask<Stream?> OpenAsync(string title);

    /// <summary>Weighs something.</summary>
    /// <param name="bytes">What.</param>
    /// <returns>Its weight.</returns>
    int Weigh(ReadOnlySpan<byte> bytes);

    /// <summary>Notes something.</summary>
    /// <param name="text">What.</param>
    [IpcOneWay]
    void Note(string text);

    /// <summary>Has a body.</summary>
    /// <param name="number">A number.</param>
    /// <returns>Twice as much.</returns>
    int Twice(int number) => 2 * number;
}
