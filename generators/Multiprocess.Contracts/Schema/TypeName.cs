namespace Multiprocess.Contracts.Tool.Schema;

/// <summary>
/// A type by its full name, taken apart: <c>System.Collections.Generic.List&lt;System.Int32?&gt;[]</c>.
/// </summary>
/// <param name="Name">
/// The name without type arguments; <c>?</c> for a nullable value, <c>[]</c> or <c>[,]</c> for an array.
/// </param>
/// <param name="Arguments">Type arguments, or the element.</param>
/// <param name="Text">The whole type as text.</param>
internal sealed record TypeName(string Name, IReadOnlyList<TypeName> Arguments, string Text)
{
    public static TypeName Parse(string text)
    {
        int position = 0;
        return Parse(text, ref position);
    }

    private static TypeName Parse(string text, ref int position)
    {
        int start = position;
        string name = "";
        var arguments = new List<TypeName>();
        while (position < text.Length && text[position] is not (',' or '>' or '?' or '['))
        {
            if (text[position] != '<')
            {
                name += text[position++];
                continue;
            }

            do
            {
                position++; // The bracket, or the comma and the space after it.
                while (position < text.Length && text[position] == ' ')
                {
                    position++;
                }

                arguments.Add(Parse(text, ref position));
            }
            while (position < text.Length && text[position] == ',');
            position++;
        }

        var type = new TypeName(name, arguments, text[start..position]);
        while (position < text.Length && text[position] is '?' or '[')
        {
            if (text[position] == '?')
            {
                position++;
                type = new TypeName("?", [type], text[start..position]);
                continue;
            }

            // The outermost array's rank stands first.
            var ranks = new Stack<string>();
            while (position < text.Length && text[position] == '[')
            {
                int end = text.IndexOf(']', position) + 1;
                ranks.Push(text[position..end]);
                position = end;
            }

            while (ranks.TryPop(out string? rank))
            {
                type = new TypeName(rank, [type], type.Text + rank);
            }
        }

        return type;
    }
}
