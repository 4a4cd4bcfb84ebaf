import Testing

import Media
