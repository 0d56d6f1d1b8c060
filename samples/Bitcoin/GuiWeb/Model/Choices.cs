using System.Text.Json;

namespace Bitcoin.GuiWeb.Model;

/// <summary>How the user wants to see things. Kept in a file, for all windows. Any thread may call.</summary>
internal sealed class Choices
{
    private const string FileName = "gui.json";

    private readonly string _path;
    private readonly Lock _gate = new();

    // Under the gate.
    private Values _values;

    private Choices(string path, Values values)
    {
        _path = path;
        _values = values;
    }

    /// <summary>Called after something was chosen, on the thread that chose.</summary>
    internal event Action? Changed;

    /// <summary>What is chosen now.</summary>
    internal Values Now
    {
        get
        {
            lock (_gate)
            {
                return _values;
            }
        }
    }

    /// <summary>
    /// Reads the file; one that is not there, or says nothing, leaves everything as it is by default.
    /// </summary>
    internal static Choices Load(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            return new Choices(path, JsonSerializer.Deserialize<Values>(File.ReadAllText(path)) ?? new Values());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return new Choices(path, new Values());
        }
    }

    /// <summary>Chooses, and keeps it.</summary>
    /// <returns>Why it could not be kept, for the user; null when it was.</returns>
    internal string? Choose(Func<Values, Values> choose)
    {
        string? error = null;
        lock (_gate)
        {
            Values chosen = choose(_values);
            if (chosen == _values)
            {
                return null;
            }

            _values = chosen;
            try
            {
                // Whole or not at all: a program that ends in between leaves the old file.
                string next = _path + ".new";
                File.WriteAllText(next, JsonSerializer.Serialize(chosen));
                File.Move(next, _path, overwrite: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                error = exception.Message;
            }
        }

        Changed?.Invoke();
        return error;
    }

    /// <summary>What can be chosen.</summary>
    /// <param name="Unit">The unit of amounts.</param>
    /// <param name="Language">"en" or "de"; empty for the browser's.</param>
    /// <param name="IsDark">Dark or light; null for the system's.</param>
    /// <param name="Wallet">The wallet that was looked at last.</param>
    internal sealed record Values(
        AmountUnit Unit = AmountUnit.Btc,
        string Language = "",
        bool? IsDark = null,
        string Wallet = "");
}
